//! Which store for the cache of verified tokens: hit cost, contention, eviction, memory.
//!
//! `cargo bench -p keycloak-tests --bench token_cache`. Four candidates with the same keys (the
//! whole token) and values (a user): our cache on `quick_cache`; `quick_cache` and `moka` with
//! their own hash of the whole key; `dashmap`, which does not evict at all.
//!
//! Before the timings it prints what no timing shows: how much of a working set survives a flood
//! of tokens that are used once, and what an entry takes in memory.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
    sync::{
        Arc, Barrier,
        atomic::{AtomicIsize, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use criterion::{BenchmarkId, Criterion, criterion_group};
use keycloak::{__fuzz, User, testing};

/// Bytes allocated minus bytes freed, by all threads: `moka` evicts on its own time.
static LIVE: AtomicIsize = AtomicIsize::new(0);

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
#[allow(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size().cast_signed(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size().cast_signed(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const BYTES: usize = 16 * 1024 * 1024;

trait Store: Send + Sync {
    fn get(&self, token: &str) -> Option<User>;
    fn insert(&self, token: &str, user: &User);
}

struct Ours(__fuzz::Remembered, SystemTime);

impl Store for Ours {
    fn get(&self, token: &str) -> Option<User> {
        self.0.get(token, self.1)
    }

    fn insert(&self, token: &str, user: &User) {
        self.0.insert(token, user, self.1);
    }
}

fn weight(token: &str, user: &User) -> usize {
    token.len() + __fuzz::memory(user) + 384
}

#[derive(Clone)]
struct ByMemory;

impl quick_cache::Weighter<Box<str>, User> for ByMemory {
    fn weight(&self, token: &Box<str>, user: &User) -> u64 {
        u64::try_from(weight(token, user)).expect("a weight")
    }
}

struct QuickCache(quick_cache::sync::Cache<Box<str>, User, ByMemory>);

impl Store for QuickCache {
    fn get(&self, token: &str) -> Option<User> {
        self.0.get(token)
    }

    fn insert(&self, token: &str, user: &User) {
        self.0.insert(token.into(), user.clone());
    }
}

struct Moka(moka::sync::Cache<Box<str>, User>);

impl Store for Moka {
    fn get(&self, token: &str) -> Option<User> {
        self.0.get(token)
    }

    fn insert(&self, token: &str, user: &User) {
        self.0.insert(token.into(), user.clone());
    }
}

struct DashMap(dashmap::DashMap<Box<str>, User>);

impl Store for DashMap {
    fn get(&self, token: &str) -> Option<User> {
        self.0.get(token).map(|user| user.clone())
    }

    fn insert(&self, token: &str, user: &User) {
        self.0.insert(token.into(), user.clone());
    }
}

#[allow(
    clippy::borrowed_box,
    reason = "moka hands the weigher its key by reference"
)]
fn stores() -> Vec<(&'static str, Arc<dyn Store>)> {
    let capacity = u64::try_from(BYTES).expect("a capacity");
    let moka = moka::sync::Cache::builder()
        .max_capacity(capacity)
        .weigher(|token: &Box<str>, user: &User| {
            u32::try_from(weight(token, user)).expect("a weight")
        })
        .build();
    vec![
        (
            "ours (quick_cache, hash of the tail)",
            Arc::new(Ours(__fuzz::Remembered::new(BYTES), SystemTime::now())),
        ),
        (
            "quick_cache",
            Arc::new(QuickCache(quick_cache::sync::Cache::with_weighter(
                4_096, capacity, ByMemory,
            ))),
        ),
        ("moka", Arc::new(Moka(moka))),
        (
            "dashmap (unbounded)",
            Arc::new(DashMap(dashmap::DashMap::new())),
        ),
    ]
}

fn user() -> User {
    testing::user("alice")
        .realm_role("admin")
        .realm_role("user")
        .group("/eng/backend")
        .expires_at(SystemTime::now() + Duration::from_secs(3_600))
        .build()
}

/// Tokens of 1,200 bytes that differ at their end, as signatures do.
fn token(n: usize) -> String {
    // A multiplication spreads the numbers over the tail, so that no hash is helped or hurt.
    let tail = (n as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    format!("{}{tail:032x}", "x".repeat(1_168))
}

fn hits(c: &mut Criterion) {
    let user = user();
    let tokens: Vec<String> = (0..1_000).map(token).collect();
    for threads in [1, 2, 8] {
        let mut group = c.benchmark_group(format!("hit, {threads} threads"));
        for (name, store) in stores() {
            for token in &tokens {
                store.insert(token, &user);
                store.get(token);
            }
            group.bench_function(name, |b| {
                b.iter_custom(|rounds| per_thread(threads, rounds, &store, &tokens));
            });
        }
        group.finish();
    }
}

/// The time that `rounds` hits take in each of the threads.
fn per_thread(threads: usize, rounds: u64, store: &Arc<dyn Store>, tokens: &[String]) -> Duration {
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    let start = Instant::now();
                    for token in tokens
                        .iter()
                        .cycle()
                        .skip(worker * 100)
                        .take(usize::try_from(rounds).expect("rounds"))
                    {
                        black_box(store.get(black_box(token)));
                    }
                    start.elapsed()
                })
            })
            .collect();
        let times = workers
            .into_iter()
            .map(|worker| worker.join().expect("a worker"));
        times.max().unwrap_or_default()
    })
}

fn growth(c: &mut Criterion) {
    let user = user();
    let mut group = c.benchmark_group("hit by cached tokens");
    for count in [100, 1_000, 10_000, 100_000, 1_000_000] {
        let cache = __fuzz::Remembered::new(8 * 1024 * 1024 * 1024);
        let now = SystemTime::now();
        // Short tokens, or a million of them would not fit into the machine.
        let token = |n: usize| token(n).split_off(1_100);
        for n in 0..count {
            cache.insert(&token(n), &user, now);
        }
        let sample: Vec<String> = (0..count)
            .step_by((count / 100).max(1))
            .map(token)
            .collect();
        let mut next = sample.iter().cycle();
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| {
                cache
                    .get(next.next().expect("endless"), now)
                    .expect("a hit")
            });
        });
    }
    group.finish();
}

/// A working set in steady use while tokens that are used once pour through.
fn eviction() {
    let user = user();
    println!("\n| store | working set that survives | flood tokens kept | bytes of an entry |");
    println!("|---|---:|---:|---:|");
    for (name, store) in stores() {
        let before = LIVE.load(Ordering::SeqCst);
        let working: Vec<String> = (0..500).map(token).collect();
        let own: usize = working.iter().map(String::capacity).sum();
        for token in &working {
            store.insert(token, &user);
            store.get(token);
        }
        let after = LIVE.load(Ordering::SeqCst);
        let entry = (after - before).saturating_sub_unsigned(own) / 500;
        let (mut asked, mut served) = (0, 0);
        for n in 0..100_000 {
            store.insert(&token(1_000_000 + n), &user);
            if n % 20 == 0 {
                asked += 1;
                let token = &working[(n / 20) % working.len()];
                if store.get(token).is_some() {
                    served += 1;
                } else {
                    store.insert(token, &user);
                }
            }
        }
        let kept = (0..100_000)
            .filter(|n| store.get(&token(1_000_000 + n)).is_some())
            .count();
        println!("| {name} | {served} of {asked} | {kept} of 100000 | {entry} |");
    }
    println!();
}

criterion_group!(benches, hits, growth);

fn main() {
    eviction();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
