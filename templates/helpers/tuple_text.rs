/// Python's `repr()` of a tuple, made of those of its items.
fn tuple_text(items: &[String]) -> String {
    match items {
        [only] => format!("({only},)"),
        _ => format!("({})", items.join(", ")),
    }
}
