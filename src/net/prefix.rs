//! Overlapping pairs among many prefixes, in time that follows the output.

use ipnet::Ipv4Net;

/// All pairs of indices whose prefixes overlap, the lower index first, sorted.
///
/// Two prefixes are disjoint or one holds the other, so a stack of the open ones holds exactly the partners of the next: O(n log n + pairs).
pub fn overlaps(nets: &[Ipv4Net]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..nets.len()).collect();
    order.sort_unstable_by_key(|&i| (nets[i].network(), nets[i].prefix_len(), i));
    let (mut open, mut pairs) = (Vec::<usize>::new(), Vec::new());
    for i in order {
        while open.last().is_some_and(|&top| nets[top].broadcast() < nets[i].network()) {
            open.pop();
        }
        pairs.extend(open.iter().map(|&o| (o.min(i), o.max(i))));
        open.push(i);
    }
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_prefixes_overlap_and_neighbours_do_not() {
        let nets: Vec<Ipv4Net> = ["10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/24", "10.0.0.0/8"].iter().map(|n| n.parse().unwrap()).collect();
        assert_eq!(overlaps(&nets), [(0, 2), (0, 3), (1, 3), (2, 3)]);
    }

    proptest! {
        #[test]
        fn same_pairs_as_the_naive_search(raw in prop::collection::vec((0u32..64, 24u8..=32), 0..24)) {
            let nets: Vec<Ipv4Net> = raw.iter().map(|&(host, len)| Ipv4Net::new((0x0a00_00f0 + host).into(), len).unwrap()).collect();
            let mut naive = Vec::new();
            for i in 0..nets.len() {
                for j in i + 1..nets.len() {
                    if nets[i].contains(&nets[j].network()) || nets[j].contains(&nets[i].network()) {
                        naive.push((i, j));
                    }
                }
            }
            prop_assert_eq!(overlaps(&nets), naive);
        }
    }
}
