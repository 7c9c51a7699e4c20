//! `heapq` and `bisect` against CPython.

use super::*;

fn ints(xs: &[i64]) -> (String, String) {
    let words: Vec<String> = xs.iter().map(Word::word).collect();
    let text: Vec<String> = xs.iter().map(Outcome::text).collect();
    (words.join(" "), format!("[{}]", text.join(",")))
}

fn random_lists(seed: u64) -> Vec<Vec<i64>> {
    let mut random = Random(seed);
    let list = |random: &mut Random| {
        let len = 1 + random.below(40) as usize;
        (0..len).map(|_| random.below(25) as i64 - 12).collect()
    };
    (0..COUNT).map(|_| list(&mut random)).collect()
}

#[test]
fn heaps() {
    let mut cases = [const { Vec::new() }; 3];
    for xs in random_lists(71) {
        let mut pushed = Vec::new();
        xs.iter().for_each(|x| heap_push(&mut pushed, *x));
        cases[0].push((ints(&xs).0, ints(&pushed).1));
        let mut heap = xs.clone();
        heapify(&mut heap);
        cases[1].push((ints(&xs).0, ints(&heap).1));
        let mut popped = Vec::new();
        for _ in 0..=xs.len() / 2 {
            popped.extend(heap_pop(&mut heap));
        }
        popped.extend(heap);
        cases[2].push((ints(&xs).0, ints(&popped).1));
    }
    compare("heap_push", 0, &cases[0]);
    compare("heapify", 0, &cases[1]);
    compare("heap_pop", 0, &cases[2]);
    assert_eq!(heap_pop::<i64>(&mut Vec::new()), None);
    assert_eq!(without_nan((1, f64::NAN)), None);
    assert_eq!(without_nan((1, 2.0)), Some((1, 2.0)));
}

#[test]
fn heaps_of_what_may_have_no_order() {
    let less = |a: &(i64, usize), b: &(i64, usize)| (a.0 != b.0 || a.1 == b.1).then(|| a < b);
    let mut cases = [const { Vec::new() }; 2];
    for xs in random_lists(73) {
        let mut all: Vec<i64> = Vec::new();
        xs.iter()
            .for_each(|x| all.extend((!all.contains(x)).then_some(*x)));
        let mut heap = Vec::new();
        for (i, x) in all.iter().enumerate() {
            assert_eq!(heap_push_by(&mut heap, (*x, i), less), Some(()));
        }
        let firsts = |heap: &[(i64, usize)]| heap.iter().map(|x| x.0).collect::<Vec<_>>();
        cases[0].push((ints(&all).0, ints(&firsts(&heap)).1));
        let mut heap: Vec<(i64, usize)> = all.iter().map(|x| (*x, 0)).collect();
        heapify(&mut heap);
        let mut popped = Vec::new();
        for _ in 0..=all.len() / 2 {
            popped.extend(heap_pop_by(&mut heap, less).unwrap());
        }
        popped.extend(heap);
        cases[1].push((ints(&all).0, ints(&firsts(&popped)).1));
    }
    compare("heap_push", 0, &cases[0]);
    compare("heap_pop", 0, &cases[1]);
    let mut heap = vec![(1, 0)];
    assert_eq!(heap_push_by(&mut heap, (1, 1), less), None);
    assert_eq!(heap_pop_by(&mut Vec::new(), less), Some(None));
    let mut heap = vec![(0, 0), (1, 1), (1, 2)];
    assert_eq!(heap_pop_by(&mut heap, less), None);
}

#[test]
fn heaps_by_a_key() {
    struct Job(i64);
    let own = |jobs: &[Job]| jobs.iter().map(|job| job.0).collect::<Vec<_>>();
    let mut cases = [const { Vec::new() }; 3];
    for xs in random_lists(74) {
        let mut heap = Vec::new();
        xs.iter()
            .for_each(|x| heap_push_by_key(&mut heap, Job(*x), |job| job.0));
        cases[0].push((ints(&xs).0, ints(&own(&heap)).1));
        let mut heap: Vec<Job> = xs.iter().map(|x| Job(*x)).collect();
        heapify_by_key(&mut heap, |job| job.0);
        cases[1].push((ints(&xs).0, ints(&own(&heap)).1));
        let mut popped = Vec::new();
        for _ in 0..=xs.len() / 2 {
            popped.extend(heap_pop_by_key(&mut heap, |job| job.0));
        }
        popped.extend(heap);
        cases[2].push((ints(&xs).0, ints(&own(&popped)).1));
    }
    compare("heap_push", 0, &cases[0]);
    compare("heapify", 0, &cases[1]);
    compare("heap_pop", 0, &cases[2]);
    assert!(heap_pop_by_key(&mut Vec::new(), |job: &Job| job.0).is_none());
}

#[test]
fn bisecting() {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for mut xs in random_lists(72) {
        let x = xs[0];
        xs.sort_unstable();
        let words = format!("{} {}", x.word(), ints(&xs).0);
        left.push((words.clone(), bisect_left(&xs, &x).text()));
        right.push((words, bisect_right(&xs, &x).text()));
        // Beside an int, between two, and what has no place.
        for x in [x as f64, x as f64 + 0.5, f64::NAN, f64::INFINITY] {
            let words = format!("{} {}", x.word(), ints(&xs).0);
            let place = bisect_by(&xs, |&v| {
                compare_int_float(v, x).is_some_and(std::cmp::Ordering::is_lt)
            });
            left.push((words.clone(), place.text()));
            let place = bisect_by(&xs, |&v| {
                compare_int_float(v, x).is_none_or(std::cmp::Ordering::is_le)
            });
            right.push((words, place.text()));
        }
    }
    compare("bisect_left", 0, &left);
    compare("bisect_right", 0, &right);
}
