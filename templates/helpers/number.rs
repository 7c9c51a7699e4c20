/// A number of Python: an int or a float, which only the value tells.
#[derive(Debug, Clone, Copy)]
enum Number {
    Int(i64),
    Float(f64),
}

impl From<i64> for Number {
    fn from(x: i64) -> Self {
        Number::Int(x)
    }
}

impl From<f64> for Number {
    fn from(x: f64) -> Self {
        Number::Float(x)
    }
}

impl From<Number> for f64 {
    fn from(x: Number) -> Self {
        match x {
            Number::Int(x) => x as f64,
            Number::Float(x) => x,
        }
    }
}

impl<T: Copy + Into<Number>> PartialEq<T> for Number {
    fn eq(&self, other: &T) -> bool {
        self.partial_cmp(other).is_some_and(std::cmp::Ordering::is_eq)
    }
}

/// Exact, also of an int and a float.
impl<T: Copy + Into<Number>> PartialOrd<T> for Number {
    fn partial_cmp(&self, other: &T) -> Option<std::cmp::Ordering> {
        let exact = |a: i64, b: f64| {
            let order = (a as f64).partial_cmp(&b)?;
            Some(order.then(i128::from(a).cmp(&(b as i128))))
        };
        match (*self, (*other).into()) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Float(b)) => exact(a, b),
            (Number::Float(a), Number::Int(b)) => exact(b, a).map(std::cmp::Ordering::reverse),
        }
    }
}
