//! Is what a cap cut off counted, also where nothing was detected?

use super::*;

#[test]
fn a_request_that_was_not_read_whole_is_counted() {
    for (target, is_cut) in [("/search?q=%252527", false), ("/search?q=%25252527", true)] {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, r#"{"probing": "off"}"#);
        let mut stream = Stream::default();
        let head = Head::new([(":method", "GET"), (":path", target)].into_iter().collect());
        proxy.on(0, Input::Stream(&mut stream, Part::Head(head)));
        assert_eq!(proxy.workers[0].wants_mark(&stream, Mark::End), is_cut, "{target}");
        proxy.on(0, Input::Stream(&mut stream, Part::Mark(Mark::End, &known())));
        assert_eq!(proxy.count(Counter::Unseen) > 0, is_cut, "{target}");
        assert!(proxy.lines.is_empty(), "{target}");
    }
}

#[test]
fn a_bomb_is_an_event_of_its_sender() {
    let bomb = |size: usize| miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'\n'; size], 6);
    for (size, is_told) in [(1000, false), (1 << 20, true)] {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, "{}");
        let mut stream = Stream::default();
        let head = [(":method", "POST"), (":path", "/"), ("content-encoding", "deflate"), ("x-user-id", "mallory")];
        proxy.on(0, Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))));
        proxy.on(0, Input::Stream(&mut stream, Part::Chunk(&bomb(size))));
        proxy.on(0, Input::Stream(&mut stream, Part::Mark(Mark::Complete, &known())));
        proxy.on(0, Input::Stream(&mut stream, Part::Mark(Mark::End, &known())));
        let lines = format!("{:?}", proxy.lines);
        assert_eq!(lines.contains("protocol.expansion"), is_told, "{size}: {lines}");
    }
}
