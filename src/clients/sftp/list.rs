//! The names of a folder, asked for ahead and bounded.

use super::pipe::Pipe;
use super::status::{self, END};
use super::wire::{Answer, kind, put_string};
use crate::clients::{Item, shown};
use crate::failure::Failure;
use crate::limits;

pub(super) async fn list(
    pipe: &mut Pipe,
    folder: &[u8],
    limit: usize,
) -> Result<(Vec<Item>, bool), Failure> {
    let during = || format!("listing the folder {}", shown(folder));
    let handle = match pipe
        .call(kind::OPENDIR, |out| put_string(out, folder))
        .await?
    {
        Answer::Handle(handle) => handle,
        Answer::Status { code, message } => return Err(status::failure(during(), code, &message)),
        _ => return Err(pipe.out_of_step()),
    };
    let mut items = Vec::new();
    let (mut cut, mut ended, mut waiting) = (false, false, 0);
    let mut failed = None;
    loop {
        while !ended && waiting < limits::SFTP_NAME_REQUESTS {
            pipe.ask(kind::READDIR, |out| put_string(out, &handle));
            waiting += 1;
        }
        if waiting == 0 {
            break;
        }
        let (_, answer) = pipe.answer().await?;
        waiting -= 1;
        match answer {
            // Draft, 6.7: a page may be empty only at the end; a server that sends empty ones for ever
            // must not hold us.
            Answer::Names(page) if page.is_empty() => ended = true,
            Answer::Names(_) if ended => {}
            Answer::Names(page) => {
                let room = limit - items.len();
                cut |= page.len() > room;
                items.extend(page.into_iter().take(room));
                // Whether that was all, the next page would tell; a listing that is full is cut.
                ended |= cut;
            }
            Answer::Status { code: END, .. } => ended = true,
            Answer::Status { code, message } => {
                ended = true;
                failed.get_or_insert_with(|| status::failure(during(), code, &message));
            }
            _ => return Err(pipe.out_of_step()),
        }
    }
    pipe.call(kind::CLOSE, |out| put_string(out, &handle))
        .await?;
    match failed {
        Some(failure) => Err(failure),
        None => Ok((items, cut)),
    }
}
