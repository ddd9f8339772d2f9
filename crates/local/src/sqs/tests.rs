//! The two queues together: dead letters, restarts, waiting.

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

fn rules(clock: &Clock) -> Rules {
    Rules {
        account: "000000000000".to_owned(),
        region: "us-east-1".to_owned(),
        visibility: MINUTE,
        max_receive_count: 2,
        clock: clock.clone(),
    }
}

fn send(queues: &Queues, body: &str, delay: Duration) {
    queues.send(Which::Source, body.to_owned(), delay, |_| {});
}

#[test]
fn a_message_received_too_often_dies() {
    let clock = Clock::manual(DateTime::UNIX_EPOCH);
    let queues = Queues::open(None, rules(&clock)).unwrap();
    send(&queues, "x", Duration::ZERO);
    for _ in 0..2 {
        assert_eq!(queues.receive(Which::Source, 10, MINUTE).len(), 1);
        assert_eq!(queues.counts().in_flight, 1);
        clock.advance(MINUTE);
    }
    assert!(queues.receive(Which::Source, 10, MINUTE).is_empty());
    let expected = QueueCounts {
        dead: 1,
        ..QueueCounts::default()
    };
    assert_eq!(queues.counts(), expected);
    assert_eq!(queues.dead_letters(), ["x"]);
    assert_eq!(queues.redrive(), 1);
    assert_eq!(queues.counts().visible, 1);
}

#[test]
fn a_restart_keeps_messages_and_shows_again_what_was_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queues");
    let clock = Clock::manual(DateTime::UNIX_EPOCH);
    let open = || Queues::open(Some(&file), rules(&clock)).unwrap();
    let queues = open();
    for body in ["deleted", "in flight", "waiting"] {
        send(&queues, body, Duration::ZERO);
    }
    send(&queues, "delayed", MINUTE);
    let received = queues.receive(Which::Source, 2, MINUTE);
    queues.delete(Which::Source, &received[0].0);
    drop(queues);

    let queues = open();
    let counts = queues.counts();
    assert_eq!(
        (counts.visible, counts.in_flight, counts.delayed),
        (2, 0, 1)
    );
    let mut bodies: Vec<_> = queues
        .receive(Which::Source, 10, MINUTE)
        .into_iter()
        .map(|it| (it.1.body, it.1.receive_count))
        .collect();
    bodies.sort();
    assert_eq!(
        bodies,
        [("in flight".to_owned(), 2), ("waiting".to_owned(), 1)]
    );
}

#[test]
fn the_message_on_which_the_file_is_written_anew_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queues");
    let clock = Clock::manual(DateTime::UNIX_EPOCH);
    let queues = Queues::open(Some(&file), rules(&clock)).unwrap();
    // Three lines for each: at 10,001 the file is rewritten, and that is the last message's line.
    for _ in 0..3_333 {
        send(&queues, "history", Duration::ZERO);
        let received = queues.receive(Which::Source, 1, MINUTE);
        queues.delete(Which::Source, &received[0].0);
    }
    send(&queues, "last but one", Duration::ZERO);
    send(&queues, "last", Duration::ZERO);
    drop(queues);
    let lines = std::fs::read_to_string(&file).unwrap();
    assert_eq!(lines.lines().count(), 2, "rewritten");
    let queues = Queues::open(Some(&file), rules(&clock)).unwrap();
    assert_eq!(queues.counts().visible, 2);
}

#[test]
fn a_kill_while_a_message_dies_does_not_lose_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queues");
    let clock = Clock::manual(DateTime::UNIX_EPOCH);
    let queues = Queues::open(Some(&file), rules(&clock)).unwrap();
    send(&queues, "x", Duration::ZERO);
    for _ in 0..2 {
        queues.receive(Which::Source, 1, MINUTE);
        clock.advance(MINUTE);
    }
    assert_eq!(queues.counts().dead, 1);
    drop(queues);
    // The kill comes before the last line is written.
    let lines = std::fs::read_to_string(&file).unwrap();
    let (before, _) = lines.trim_end().rsplit_once('\n').unwrap();
    std::fs::write(&file, format!("{before}\n")).unwrap();
    let queues = Queues::open(Some(&file), rules(&clock)).unwrap();
    assert_eq!(queues.dead_letters(), ["x"]);
}

#[tokio::test]
async fn waiting_ends_with_the_clock_and_with_the_last_delete() {
    let clock = Clock::manual(DateTime::UNIX_EPOCH);
    let queues = Queues::open(None, rules(&clock)).unwrap();
    send(&queues, "x", MINUTE);
    queues.idle().await;
    let advance = async { clock.advance(MINUTE) };
    tokio::join!(queues.visible(Which::Source), advance);
    let received = queues.receive(Which::Source, 1, MINUTE);
    let delete = async { queues.delete(Which::Source, &received[0].0) };
    tokio::join!(queues.idle(), delete);
}
