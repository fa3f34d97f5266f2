//! Sets of (address, port) pairs as disjoint boxes: what a walk still holds, and what each line took.

use std::collections::BTreeMap;

use super::{Addrs, Ports};

/// What may still be done in one walk, in touched ranges and lines; it bounds adversarial inputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(u32);

impl Budget {
    /// Enough for 10,000 lines that each cut a few ranges; below 100 ms at worst.
    pub(super) const fn full() -> Self {
        Self(300_000)
    }

    pub(super) const fn spend(&mut self, steps: usize) {
        self.0 = self.0.saturating_sub(steps as u32);
    }

    pub(super) const fn is_spent(self) -> bool {
        self.0 == 0
    }
}

/// The part of a region that a line is about; none: all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part<'a> {
    pub(super) addrs: Option<&'a Addrs>,
    pub(super) ports: Option<&'a Ports>,
}

/// A set of (address, port) pairs. A box is a set of ports times ranges of addresses, first to last.
#[derive(Clone, Debug, Default)]
pub(super) struct Region(Vec<(Ports, BTreeMap<u32, u32>)>);

impl Region {
    pub(super) fn new(addrs: &Addrs, ports: Ports) -> Self {
        if addrs.is_empty() || ports.is_empty() {
            return Self::default();
        }
        Self(vec![(ports, addrs.ranges().iter().copied().collect())])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes what lies in `part`, and gives it.
    pub(super) fn take(&mut self, part: Part<'_>, budget: &mut Budget) -> Self {
        if part.addrs.is_none() && part.ports.is_none() {
            budget.spend(1);
            return std::mem::take(self);
        }
        let mut taken = Self::default();
        let mut rest = Vec::with_capacity(self.0.len());
        for (ports, addrs) in std::mem::take(&mut self.0) {
            let (inside, outside) = match part.ports {
                None => (ports, Ports::none()),
                Some(wanted) => (ports.intersection(wanted), ports.minus(wanted)),
            };
            if inside.is_empty() {
                rest.push((outside, addrs));
                continue;
            }
            let mut remaining = addrs;
            if !outside.is_empty() {
                budget.spend(remaining.len());
                rest.push((outside, remaining.clone()));
            }
            let cut = match part.addrs {
                None => std::mem::take(&mut remaining),
                Some(wanted) => cut(&mut remaining, wanted.ranges(), budget),
            };
            if !cut.is_empty() {
                taken.0.push((inside.clone(), cut));
            }
            if !remaining.is_empty() {
                rest.push((inside, remaining));
            }
        }
        budget.spend(rest.len() + 1);
        self.0 = rest;
        taken
    }

    /// A copy of what lies in `part`.
    pub(super) fn within(&self, part: Part<'_>, budget: &mut Budget) -> Self {
        let mut out = Self::default();
        for (ports, addrs) in &self.0 {
            let ports = part.ports.map_or_else(|| ports.clone(), |wanted| ports.intersection(wanted));
            if ports.is_empty() {
                continue;
            }
            let cut = match part.addrs {
                None => addrs.clone(),
                Some(wanted) => shared(addrs, wanted.ranges(), budget),
            };
            budget.spend(cut.len() + 1);
            if !cut.is_empty() {
                out.0.push((ports, cut));
            }
        }
        out
    }

    /// Whether some pair lies in `part`.
    pub(super) fn meets(&self, part: Part<'_>, budget: &mut Budget) -> bool {
        !self.within(part, budget).is_empty()
    }

    /// Adds pairs that are known not to be in the set yet.
    pub(super) fn add(&mut self, other: Self) {
        for (ports, addrs) in other.0 {
            match self.0.iter_mut().find(|(own, _)| *own == ports) {
                Some((_, own)) if own.is_empty() => *own = addrs,
                Some((_, own)) => own.extend(addrs),
                None => self.0.push((ports, addrs)),
            }
        }
    }

    /// Adds pairs that may be in the set already.
    pub(super) fn absorb(&mut self, mut other: Self, budget: &mut Budget) {
        for (ports, addrs) in &self.0 {
            if other.is_empty() {
                return;
            }
            budget.spend(addrs.len());
            let own = Addrs::from_ranges(addrs.iter().map(|(a, b)| (*a, *b)).collect());
            other.take(Part { addrs: Some(&own), ports: Some(ports) }, budget);
        }
        self.add(other);
    }

    /// The sets of ports that its boxes have.
    pub(super) fn port_sets(&self) -> impl Iterator<Item = &Ports> {
        self.0.iter().map(|(ports, _)| ports)
    }

    /// Appends the addresses that occur with `port`.
    pub(super) fn addrs_at(&self, port: u16, out: &mut Vec<(u32, u32)>) {
        for (ports, addrs) in &self.0 {
            if ports.contains(port) {
                out.extend(addrs.iter().map(|(a, b)| (*a, *b)));
            }
        }
    }
}

/// Removes `wanted` from `addrs`, and gives what was removed.
fn cut(addrs: &mut BTreeMap<u32, u32>, wanted: &[(u32, u32)], budget: &mut Budget) -> BTreeMap<u32, u32> {
    let out = shared(addrs, wanted, budget);
    for (&first, &last) in &out {
        let Some((&start, &end)) = addrs.range(..=first).next_back() else {
            continue;
        };
        if start == first {
            addrs.remove(&start);
        } else {
            addrs.insert(start, first - 1);
        }
        if last < end {
            addrs.insert(last + 1, end);
        }
    }
    out
}

/// The ranges that `addrs` and `wanted` share.
fn shared(addrs: &BTreeMap<u32, u32>, wanted: &[(u32, u32)], budget: &mut Budget) -> BTreeMap<u32, u32> {
    budget.spend(wanted.len());
    let mut out = BTreeMap::new();
    for &(first, last) in wanted {
        let from = addrs.range(..=first).next_back().map_or(first, |(start, _)| *start);
        for (&start, &end) in addrs.range(from..=last) {
            if end >= first {
                out.insert(start.max(first), end.min(last));
                budget.spend(1);
            }
        }
    }
    out
}
