/// Python's `data.partition(separator)` of `bytes`, by what is not empty.
fn partition_bytes(data: &[u8], separator: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let mut places = data.windows(separator.len().max(1));
    match places.position(|window| window == separator) {
        Some(at) => {
            let (before, behind) = data.split_at(at);
            let (found, after) = behind.split_at(separator.len());
            (before.to_vec(), found.to_vec(), after.to_vec())
        }
        None => (data.to_vec(), Vec::new(), Vec::new()),
    }
}
