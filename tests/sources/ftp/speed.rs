//! Sizes that must not matter: many names, and a large file.

use super::*;
use crate::support::pureftpd::PureFtpd;
use crate::support::vsftpd::{Tls, Vsftpd};

#[tokio::test]
async fn a_large_file_is_streamed_whole() {
    let server = PureFtpd::start(false);
    let bytes: Vec<u8> = (0..24_000_000_u32)
        .flat_map(|n| (n / 7).to_le_bytes())
        .collect();
    fs::write(server.inbox().join("large.csv"), &bytes).unwrap();
    let source = source(settings(server.port, Protection::None, Path::new("")));
    let entries = source.list().await.unwrap().entries;
    let (sender, mut pieces) = mpsc::channel(1);
    let entries = entries
        .into_iter()
        .map(|entry| (ArrivalId(1), entry))
        .collect();
    let collecting = async {
        let (mut length, mut whole) = (0, false);
        while let Some(piece) = pieces.recv().await {
            match piece {
                Piece::Bytes(_, piece) => {
                    assert!(piece.len() <= 64 << 10);
                    assert_eq!(piece[..], bytes[length..length + piece.len()]);
                    length += piece.len();
                }
                other => whole = matches!(other, Piece::Complete(_)),
            }
        }
        assert!(whole);
        assert_eq!(length, bytes.len());
    };
    tokio::join!(source.fetch(entries, sender), collecting);
}

#[tokio::test]
async fn a_folder_with_very_many_names_is_listed_whole() {
    let server = Vsftpd::start(Tls::None, "");
    for number in 0..20_000 {
        fs::write(server.inbox().join(format!("{number}.csv")), b"").unwrap();
    }
    let mut settings = settings(server.port, Protection::None, Path::new(""));
    settings.user = "anonymous".to_owned();
    let mut wanted = pickup();
    wanted.batch = 100_000;
    let server = FtpServer::new(settings).unwrap();
    let source = RemoteSource::open(Box::new(server), b"/~/in".to_vec(), wanted, 2).unwrap();
    let listing = source.list().await.unwrap();
    assert_eq!((listing.entries.len(), listing.cut), (20_000, false));
}
