//! Objects that refer to each other and are made while a function runs: they end with it.
//!
//! Translated by migrate 0.1.0 from `grown.py`: 104 of 104 statements.
//! migrate: task = "grown", script = "grown.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "9b0e664a65832cbc", seal = "ef3bb303da3c90e3"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeSet;

#[derive(Debug, Reflect)]
pub struct Grown {
    state: DriveState,
}

impl Freezable for Grown {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Grown {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let (Some(goal_payload), Some(_)) = (goal.payload(), measured.payload()) else {
            return Ok(());
        };
        let speed = (-4.0_f64).max(4.0_f64.min(f64::from(goal_payload.speed)));
        let ((x, _), cost, depth, leaves) = explore(speed, 1.0)?;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (x + cost) as f32;
        drive_payload.sector =
            u8::try_from(depth).map_err(|_| "grown.py:135: `sector` leaves u8")?;
        let steps = steps_to(speed.abs().trunc() as i64 * 3, 16)?;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed =
            u32::try_from(leaves).map_err(|_| "grown.py:137: `missed` leaves u32")?;
        alarm_payload.reason = format!(
            "{steps} steps, {}",
            fixed_text(reversed_sum(&[speed, 1.0, 2.0]), 3)
        );
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn add_node(node: Node, nodes: &mut Vec<Node>) -> usize {
    let at = nodes.len();
    nodes.push(node);
    at
}

/// A node of a tree that grows from a start.
#[derive(Debug, Clone)]
struct Node {
    x: f64,
    y: f64,
    parent: Option<usize>,
    depth: i64,
    children: Vec<usize>,
    cost: f64,
}

impl Node {
    fn new(nodes: &[Self], x: f64, y: f64, parent: Option<usize>) -> Self {
        let depth = parent.map_or(0, |parent| nodes[parent].depth + 1);
        Self {
            x,
            y,
            parent,
            depth,
            children: Vec::new(),
            cost: 0.0,
        }
    }

    fn distance(&self, x: f64, y: f64) -> f64 {
        (self.x - x).abs() + (self.y - y).abs()
    }
}

#[allow(clippy::ptr_arg)]
fn node_attach(node: usize, nodes: &mut Vec<Node>, child: usize, cost: f64) {
    nodes[child].parent = Some(node);
    nodes[child].cost = nodes[node].cost + cost;
    nodes[node].children.push(child);
}

#[allow(clippy::needless_range_loop)]
#[allow(clippy::ptr_arg)]
fn node_raise_cost(node: usize, nodes: &mut Vec<Node>, by: f64) -> CuResult<()> {
    nodes[node].cost += by;
    for child_index in 0..nodes[node].children.len() {
        let child = nodes[node].children[child_index];
        node_raise_cost(child, nodes, by)?;
    }
    Ok(())
}

#[derive(Debug, Clone)]
struct Tree {
    root: usize,
    nodes: Vec<usize>,
    seed: i64,
}

impl Tree {
    #[allow(clippy::ptr_arg)]
    fn new(nodes: &mut Vec<Node>, x: f64, y: f64) -> Self {
        let root = add_node(Node::new(nodes, x, y, None), nodes);
        Self {
            root,
            nodes: vec![root],
            seed: 11,
        }
    }

    fn draw(&mut self) -> f64 {
        self.seed = (self.seed * 75 + 74) % 65537;
        (self.seed % 100) as f64 / 10.0 - 5.0
    }

    fn nearest(&self, nodes: &[Node], x: f64, y: f64) -> CuResult<usize> {
        let mut best = *self
            .nodes
            .first()
            .ok_or("grown.py:41: IndexError: list index out of range")?;
        for &node in &self.nodes {
            if nodes[node].distance(x, y) < nodes[best].distance(x, y) {
                best = node;
            }
        }
        Ok(best)
    }

    #[allow(clippy::ptr_arg)]
    fn grow(&mut self, nodes: &mut Vec<Node>, steps: i64) -> CuResult<()> {
        for _ in 0..steps {
            let x = self.draw();
            let y = self.draw();
            let near = self.nearest(nodes, x, y)?;
            let step = true_div(1.0, py_max(nodes[near].distance(x, y), 1.0))
                .ok_or("grown.py:51: ZeroDivisionError: float division by zero")?;
            let new = add_node(
                Node::new(
                    nodes,
                    nodes[near].x + step * (x - nodes[near].x),
                    nodes[near].y + step * (y - nodes[near].y),
                    Some(near),
                ),
                nodes,
            );
            node_attach(
                near,
                nodes,
                new,
                nodes[near].distance(nodes[new].x, nodes[new].y),
            );
            self.nodes.push(new);
        }
        Ok(())
    }

    fn path(&self, nodes: &[Node], node: usize) -> Vec<(f64, f64)> {
        let mut node = Some(node);
        let mut found: Vec<(f64, f64)> = Vec::new();
        while node.is_some() {
            found.push((
                nodes[node.unwrap_or_default()].x,
                nodes[node.unwrap_or_default()].y,
            ));
            node = nodes[node.unwrap_or_default()].parent;
        }
        found.iter().rev().copied().collect()
    }
}

#[allow(clippy::ptr_arg)]
fn add_cell(cell: Cell, cells: &mut Vec<Cell>) -> usize {
    let at = cells.len();
    cells.push(cell);
    at
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    at: i64,
    came_from: Option<usize>,
}

impl Cell {
    fn new(at: i64, came_from: Option<usize>) -> Self {
        Self { at, came_from }
    }
}

/// The fewest steps on a ring, by an open list of cells.
fn steps_to(goal: i64, width: i64) -> CuResult<i64> {
    let mut cells: Vec<Cell> = Vec::new();
    let mut count: i64 = 0;
    let mut waiting: Vec<(i64, i64, usize)> =
        vec![(0, count, add_cell(Cell::new(0, None), &mut cells))];
    let mut seen: BTreeSet<i64> = BTreeSet::new();
    while !waiting.is_empty() {
        let (cost, _, next_cell) = heap_pop_by(&mut waiting, |a, b| {
            (a.0 != b.0 || a.1 != b.1 || a.2 == b.2).then(|| a < b)
        })
        .ok_or("grown.py:76: TypeError: '<' not supported between instances of one class")?
        .ok_or("grown.py:76: IndexError: index out of range")?;
        let mut cell = Some(next_cell);
        if seen.contains(&cells[cell.unwrap_or_default()].at) {
            continue;
        }
        seen.insert(cells[cell.unwrap_or_default()].at);
        if cells[cell.unwrap_or_default()].at == goal {
            let mut steps: i64 = 0;
            while cells[cell.ok_or("grown.py:82: AttributeError (None)")?]
                .came_from
                .is_some()
            {
                cell = cells[cell.ok_or("grown.py:83: AttributeError (None)")?].came_from;
                steps += 1;
            }
            return Ok(steps);
        }
        for by in [1_i64, -1, 5] {
            count += 1;
            heap_push_by(
                &mut waiting,
                (
                    cost.checked_add(by.abs())
                        .ok_or("grown.py:88: an int leaves 64 bits")?,
                    count,
                    add_cell(
                        Cell::new(
                            (cells[cell.unwrap_or_default()].at + by).rem_euclid(width),
                            Some(cell.unwrap_or_default()),
                        ),
                        &mut cells,
                    ),
                ),
                |a, b| (a.0 != b.0 || a.1 != b.1 || a.2 == b.2).then(|| a < b),
            )
            .ok_or("grown.py:88: TypeError: '<' not supported between instances of one class")?;
        }
    }
    Ok(-1)
}

#[allow(clippy::ptr_arg)]
fn add_item(item: Item, items: &mut Vec<Item>) -> usize {
    let at = items.len();
    items.push(item);
    at
}

#[derive(Debug, Clone)]
struct Item {
    value: f64,
    next: Option<usize>,
}

impl Item {
    fn new(value: f64) -> Self {
        Self { value, next: None }
    }
}

/// A list of links that is turned around.
fn reversed_sum(values: &[f64; 3]) -> f64 {
    let mut items: Vec<Item> = Vec::new();
    let mut head: Option<usize> = None;
    for &value in values {
        let item = add_item(Item::new(value), &mut items);
        items[item].next = head;
        head = Some(item);
    }
    let mut turned: Option<usize> = None;
    while head.is_some() {
        let next_head = items[head.unwrap_or_default()].next;
        items[head.unwrap_or_default()].next = turned;
        turned = Some(head.unwrap_or_default());
        head = next_head;
    }
    let mut total = 0.0;
    let mut weight = 1.0;
    while turned.is_some() {
        total += weight * items[turned.unwrap_or_default()].value;
        weight *= 0.5;
        turned = items[turned.unwrap_or_default()].next;
    }
    total
}

fn explore(x: f64, y: f64) -> CuResult<((f64, f64), f64, i64, i64)> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut tree = Tree::new(&mut nodes, 0.0, 0.0);
    tree.grow(&mut nodes, 12)?;
    node_raise_cost(tree.root, &mut nodes, 0.5)?;
    let nearest = tree.nearest(&nodes, x, y)?;
    let path = tree.path(&nodes, nearest);
    let leaves: Vec<usize> = tree
        .nodes
        .iter()
        .filter(|&&node| nodes[node].children.is_empty())
        .copied()
        .collect();
    Ok((
        *path
            .last()
            .ok_or("grown.py:124: IndexError: list index out of range")?,
        nodes[nearest].cost,
        nodes[nearest].depth,
        leaves.len() as i64,
    ))
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// Python's `heapq.heappush(heap, item)`: `None` where two items have no order.
fn heap_push_by<T>(
    heap: &mut Vec<T>,
    item: T,
    less: impl Fn(&T, &T) -> Option<bool>,
) -> Option<()> {
    heap.push(item);
    let mut at = heap.len() - 1;
    while at > 0 && less(&heap[at], &heap[(at - 1) / 2])? {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    Some(())
}

/// Python's `heapq.heappop(heap)`: `None` where two items have no order, `Some(None)` where it
/// raises an IndexError.
fn heap_pop_by<T>(heap: &mut Vec<T>, less: impl Fn(&T, &T) -> Option<bool>) -> Option<Option<T>> {
    let Some(end) = heap.len().checked_sub(1) else {
        return Some(None);
    };
    heap.swap(0, end);
    let least = heap.pop();
    // The hole goes down to a leaf, and what fills it up again.
    let mut at = 0;
    while 2 * at + 1 < end {
        let left = 2 * at + 1;
        let right = left + 1;
        let child = if right >= end || less(&heap[left], &heap[right])? {
            left
        } else {
            right
        };
        heap.swap(at, child);
        at = child;
    }
    while at > 0 && less(&heap[at], &heap[(at - 1) / 2])? {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    Some(least)
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}
