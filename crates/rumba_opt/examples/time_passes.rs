//! Prints what the passes cost: `cargo run --release -p rumba_opt --example time_passes < functions.rir`.

use rumba_ir::parse;
use rumba_opt::BatchContext;
use std::io::Read;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let functions = parse(&text)?;
    let entries: Vec<_> = functions.iter().map(|function| function.id).collect();
    let context = BatchContext {
        entries: &entries,
        short_extents: &[],
        callee_info: &|_| None,
        may_inline: &|_, _| true,
    };
    const N_ROUNDS: u32 = 1000;
    let mut totals: Vec<(&str, f64)> = Vec::new();
    for _ in 0..N_ROUNDS {
        let mut batch = functions.clone();
        for (idx, (name, seconds)) in rumba_opt::optimise(&mut batch, &context).into_iter().enumerate() {
            match totals.get_mut(idx) {
                Some((_, total)) => *total += seconds,
                None => totals.push((name, seconds)),
            }
        }
    }
    for (name, total) in &totals {
        println!("{:8.2} us  {name}", total / f64::from(N_ROUNDS) * 1e6);
    }
    println!(
        "{:8.2} us  all",
        totals.iter().map(|(_, total)| total).sum::<f64>() / f64::from(N_ROUNDS) * 1e6
    );
    Ok(())
}
