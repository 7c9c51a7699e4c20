/// Python's `text[low:high:step]`, in characters: `None` where the step is zero.
fn str_step(text: &str, low: Option<i64>, high: Option<i64>, step: i64) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let len = i64::try_from(chars.len()).ok()?;
    let (first, last) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let bound = |i: i64| if i < 0 { i.saturating_add(len).max(first) } else { i.min(last) };
    let (start, stop) = if step < 0 { (last, first) } else { (first, last) };
    let (start, stop) = (low.map_or(start, bound), high.map_or(stop, bound));
    let count = match step {
        0 => return None,
        1.. => (stop - start).max(0).unsigned_abs().div_ceil(step.unsigned_abs()),
        _ => (start - stop).max(0).unsigned_abs().div_ceil(step.unsigned_abs()),
    };
    let picked = (0..i64::try_from(count).ok()?).map(|k| usize::try_from(start + k * step));
    picked.map(|i| chars.get(i.ok()?)).collect()
}
