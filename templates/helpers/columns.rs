/// The columns of rows, as many as the shortest row has: Python's `zip(*rows)`.
fn columns<T: Clone, R: AsRef<[T]>>(rows: &[R]) -> Vec<Vec<T>> {
    let count = rows.iter().map(|row| row.as_ref().len()).min().unwrap_or(0);
    let column = |i: usize| rows.iter().filter_map(move |row| row.as_ref().get(i).cloned());
    (0..count).map(|i| column(i).collect()).collect()
}
