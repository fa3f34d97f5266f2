# docker build -t vpnlint . && docker run --rm -v "$PWD:/work:ro" vpnlint check
# Both stages are of one Debian release, so that the binary finds the C library that it was linked with.
FROM rust:1.95-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082 AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin vpnlint

# Debian rather than an image without a shell: GitLab runs a job's script with the image's shell.
FROM debian:bookworm-slim@sha256:7b140f374b289a7c2befc338f42ebe6441b7ea838a042bbd5acbfca6ec875818
COPY --from=build /src/target/release/vpnlint /usr/local/bin/vpnlint
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["vpnlint"]
CMD ["check"]
