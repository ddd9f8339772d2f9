//! Many seeds, on all processors: 200 of them with every test run, as many as wanted by `SIMULATOR_SEEDS`; with
//! `SIMULATOR_STOP` none after the first that fails.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::seed::{Story, run};

/// How many failing seeds are printed whole.
const TOLD: usize = 3;

/// The seeds to run: `SIMULATOR_SEEDS=7`, `=0-9999` or `=7,100-199`.
fn wanted(default: Range<u64>) -> Vec<u64> {
    let Ok(text) = std::env::var("SIMULATOR_SEEDS") else {
        return default.collect();
    };
    let number = |text: &str| text.trim().parse::<u64>().unwrap();
    let some = text.split(',').flat_map(|some| match some.split_once('-') {
        Some((first, last)) => number(first)..=number(last),
        None => number(some)..=number(some),
    });
    some.collect()
}

#[test]
fn keep_every_promise() {
    let seeds = wanted(0..200);
    let [stops, traces] =
        ["STOP", "TRACE"].map(|it| std::env::var_os(format!("SIMULATOR_{it}")).is_some());
    let (next, end) = (AtomicUsize::new(0), AtomicUsize::new(seeds.len()));
    let failed = Mutex::new(Vec::<Story>::new());
    let measured = Mutex::new(Vec::<(u64, u64, Duration)>::new());
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if place >= end.load(Ordering::Relaxed) {
                        return;
                    }
                    let seed = seeds[place];
                    let began = Instant::now();
                    let story = run(seed);
                    let measure = (seed, story.requests, began.elapsed());
                    measured.lock().unwrap().push(measure);
                    if story.broken.is_empty() {
                        if traces {
                            println!("{}", story.tell());
                        }
                    } else {
                        if stops {
                            end.fetch_min(place, Ordering::Relaxed);
                        }
                        failed.lock().unwrap().push(story);
                    }
                }
            });
        }
    });
    let measured = measured.into_inner().unwrap();
    let (count, seconds) = (measured.len(), began.elapsed().as_secs_f64());
    println!("{count} seeds in {seconds:.1} s");
    let each = measured.iter();
    tell(
        "requests",
        each.clone().map(|(seed, requests, _)| (*requests, *seed)),
    );
    let milliseconds = |time: &Duration| u64::try_from(time.as_millis()).unwrap();
    tell(
        "milliseconds",
        each.map(|(seed, _, time)| (milliseconds(time), *seed)),
    );
    report(failed.into_inner().unwrap());
}

/// How much a seed takes of something.
fn tell(what: &str, of_seeds: impl Iterator<Item = (u64, u64)>) {
    let mut sorted: Vec<(u64, u64)> = of_seeds.collect();
    sorted.sort_unstable();
    let at = |thousandth: usize| sorted[(sorted.len() - 1) * thousandth / 1000];
    let (most, seed) = at(1000);
    println!(
        "{what} of a seed: half have at most {}, 99 of 100 at most {}, the most is {most} (seed {seed})",
        at(500).0,
        at(990).0,
    );
}

fn report(mut failed: Vec<Story>) {
    if failed.is_empty() {
        return;
    }
    failed.sort_by_key(|it| it.seed);
    let mut first: BTreeMap<&str, (u64, usize)> = BTreeMap::new();
    for story in &failed {
        for (promise, _) in &story.broken {
            first.entry(promise).or_insert((story.seed, 0)).1 += 1;
        }
    }
    for story in failed.iter().take(TOLD) {
        println!("{}", story.tell());
    }
    for story in failed.iter().skip(TOLD) {
        print!("{}", story.findings());
    }
    for (promise, (seed, count)) in first {
        println!("{promise}: first broken by seed {seed}, {count} times in all");
    }
    panic!("{} seeds fail", failed.len());
}

#[test]
fn a_seed_tells_the_same_story_again() {
    for seed in 0..3 {
        let [first, second] = [(); 2].map(|()| run(seed));
        let mut differ = first
            .history
            .iter()
            .zip(&second.history)
            .filter(|(a, b)| a != b);
        assert_eq!(differ.next(), None, "seed {seed}");
        assert_eq!(first.requests, second.requests);
    }
}
