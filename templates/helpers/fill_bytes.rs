/// Python's `data.ljust(width, fill)` of `bytes`, or `rjust`, where the filling stands before.
fn fill_bytes(data: &[u8], width: usize, fill: u8, before: bool) -> Vec<u8> {
    let filling = vec![fill; width.saturating_sub(data.len())];
    match before {
        true => [filling.as_slice(), data].concat(),
        false => [data, filling.as_slice()].concat(),
    }
}
