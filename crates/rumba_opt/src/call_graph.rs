//! Who calls whom within a batch, by strongly connected components (Tarjan's algorithm).

use rumba_ir::{Function, InstanceId, Op};
use rustc_hash::FxHashMap;

pub struct CallGraph {
    /// Position in the batch of each instance.
    pub position: FxHashMap<InstanceId, usize>,
    /// By position: the positions of what it calls, without repetition.
    pub callees: Vec<Vec<usize>>,
    /// Positions, callees before callers except around cycles.
    pub bottom_up: Vec<usize>,
    /// By position: whether the function can come to call itself.
    pub is_recursive: Vec<bool>,
}

impl CallGraph {
    pub fn of(functions: &[Function]) -> CallGraph {
        let position: FxHashMap<InstanceId, usize> =
            functions.iter().enumerate().map(|(idx, function)| (function.id, idx)).collect();
        let callees: Vec<Vec<usize>> = functions
            .iter()
            .map(|function| {
                let mut callees: Vec<usize> =
                    calls(function).filter_map(|callee| position.get(&callee).copied()).collect();
                callees.sort_unstable();
                callees.dedup();
                callees
            })
            .collect();
        let mut search = Search {
            callees: &callees,
            number: vec![0; functions.len()],
            lowest: vec![0; functions.len()],
            on_stack: vec![false; functions.len()],
            stack: Vec::new(),
            n_visited: 0,
            bottom_up: Vec::new(),
            is_recursive: vec![false; functions.len()],
        };
        for idx in 0..functions.len() {
            search.visit(idx);
        }
        let Search { bottom_up, is_recursive, .. } = search;
        CallGraph { position, callees, bottom_up, is_recursive }
    }
}

/// What a function calls, or has the runtime call.
fn calls(function: &Function) -> impl Iterator<Item = InstanceId> + '_ {
    let instructions = function.blocks.iter().flat_map(|block| &block.instructions);
    instructions.filter_map(|instruction| match instruction.op {
        Op::Call { callee, .. } | Op::EntryAddress(callee) => Some(callee),
        _ => None,
    })
}

struct Search<'a> {
    callees: &'a [Vec<usize>],
    /// 0: not visited.
    number: Vec<u32>,
    lowest: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    n_visited: u32,
    bottom_up: Vec<usize>,
    is_recursive: Vec<bool>,
}

impl Search<'_> {
    /// Keeps its own stack: chains of calls may be long.
    fn visit(&mut self, root: usize) {
        if self.number[root] != 0 {
            return;
        }
        let mut frames = vec![(root, 0)];
        self.enter(root);
        while let Some((node, next)) = frames.last_mut() {
            let node = *node;
            if let Some(callee) = self.callees[node].get(*next).copied() {
                *next += 1;
                if self.number[callee] == 0 {
                    self.enter(callee);
                    frames.push((callee, 0));
                } else if self.on_stack[callee] {
                    self.lowest[node] = self.lowest[node].min(self.number[callee]);
                }
                continue;
            }
            frames.pop();
            if let Some((caller, _)) = frames.last() {
                self.lowest[*caller] = self.lowest[*caller].min(self.lowest[node]);
            }
            if self.lowest[node] == self.number[node] {
                self.finish(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.n_visited += 1;
        self.number[node] = self.n_visited;
        self.lowest[node] = self.n_visited;
        self.on_stack[node] = true;
        self.stack.push(node);
    }

    /// `node` is the first of its component that was visited.
    fn finish(&mut self, node: usize) {
        let start =
            self.stack.iter().rposition(|other| *other == node).expect("a visited node is on the stack");
        let component = self.stack.split_off(start);
        let is_cycle = component.len() > 1 || self.callees[node].contains(&node);
        for member in component {
            self.on_stack[member] = false;
            self.is_recursive[member] = is_cycle;
            self.bottom_up.push(member);
        }
    }
}
