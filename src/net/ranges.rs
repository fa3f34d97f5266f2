//! Sorted, disjoint, non-adjacent inclusive ranges: what both kinds of set are made of.

/// Sorts and joins ranges that overlap or touch.
pub(super) fn normal(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.retain(|r| r.0 <= r.1);
    ranges.sort_unstable();
    let mut kept = 0;
    for i in 0..ranges.len() {
        let (first, last) = ranges[i];
        if kept > 0 && first <= ranges[kept - 1].1.saturating_add(1) {
            ranges[kept - 1].1 = ranges[kept - 1].1.max(last);
        } else {
            ranges[kept] = (first, last);
            kept += 1;
        }
    }
    ranges.truncate(kept);
    ranges
}

/// The values up to `max` that are in none of the ranges.
pub(super) fn complement(ranges: &[(u32, u32)], max: u32) -> Vec<(u32, u32)> {
    let mut out = Vec::with_capacity(ranges.len() + 1);
    let mut next = Some(0);
    for &(first, last) in ranges {
        if let Some(start) = next
            && start < first
        {
            out.push((start, first - 1));
        }
        next = last.checked_add(1).filter(|n| *n <= max);
    }
    if let Some(start) = next {
        out.push((start, max));
    }
    out
}

/// The values in both.
pub(super) fn intersection(a: &[(u32, u32)], b: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < a.len() && j < b.len() {
        let (first, last) = (a[i].0.max(b[j].0), a[i].1.min(b[j].1));
        if first <= last {
            out.push((first, last));
        }
        if a[i].1 < b[j].1 { i += 1 } else { j += 1 }
    }
    out
}

/// Whether some value is in both.
pub(super) fn meet(a: &[(u32, u32)], b: &[(u32, u32)]) -> bool {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i].0.max(b[j].0) <= a[i].1.min(b[j].1) {
            return true;
        }
        if a[i].1 < b[j].1 { i += 1 } else { j += 1 }
    }
    false
}

/// Whether `value` is in one of the ranges.
pub(super) fn contains(ranges: &[(u32, u32)], value: u32) -> bool {
    if let [only] = ranges {
        return only.0 <= value && value <= only.1;
    }
    let after = ranges.partition_point(|r| r.0 <= value);
    after > 0 && value <= ranges[after - 1].1
}

/// How many values there are.
pub(super) fn count(ranges: &[(u32, u32)]) -> u64 {
    ranges.iter().map(|r| u64::from(r.1 - r.0) + 1).sum()
}
