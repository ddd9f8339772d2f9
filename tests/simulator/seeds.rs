//! Many seeds, on all processors: 200 of them with every test run, as many as wanted by `SIMULATOR_SEEDS`.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::seed::{Level, Story, run};

/// How many failing seeds are printed whole.
const TOLD: usize = 3;

/// The seeds to run: `SIMULATOR_SEEDS=7` or `=0-9999`.
fn wanted(default: std::ops::Range<u64>) -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("SIMULATOR_SEEDS") else {
        return default;
    };
    let number = |text: &str| text.trim().parse::<u64>().unwrap();
    match text.split_once('-') {
        Some((first, last)) => number(first)..number(last) + 1,
        None => number(&text)..number(&text) + 1,
    }
}

fn run_all(level: Level, default: std::ops::Range<u64>) {
    let seeds = wanted(default);
    let next = AtomicU64::new(seeds.start);
    let failed = Mutex::new(Vec::<Story>::new());
    let calls = AtomicU64::new(0);
    let most = AtomicU64::new(0);
    let began = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let story = run(seed, level);
                    calls.fetch_add(story.requests, Ordering::Relaxed);
                    most.fetch_max(story.requests, Ordering::Relaxed);
                    if !story.broken.is_empty() {
                        failed.lock().unwrap().push(story);
                    }
                }
            });
        }
    });
    let count = seeds.end - seeds.start;
    println!(
        "{count} seeds in {:.1} s, {} requests a seed, at most {}",
        began.elapsed().as_secs_f64(),
        calls.into_inner() / count,
        most.into_inner(),
    );
    report(level, failed.into_inner().unwrap());
}

fn report(level: Level, mut failed: Vec<Story>) {
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
        println!("{}", story.tell(level));
    }
    for (promise, (seed, count)) in first {
        println!("{promise}: first broken by seed {seed}, {count} times in all");
    }
    panic!("{} seeds fail", failed.len());
}

#[test]
fn mild() {
    run_all(Level::Mild, 0..200);
}

#[test]
#[ignore = "takes a minute for 150 seeds in a debug build"]
fn harsh() {
    run_all(Level::Harsh, 0..200);
}

#[test]
fn a_seed_tells_the_same_story_again() {
    for seed in 0..3 {
        let [first, second] = [(); 2].map(|()| run(seed, Level::Harsh));
        assert_eq!(first.history, second.history);
        assert_eq!(first.requests, second.requests);
    }
}
