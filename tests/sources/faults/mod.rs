//! What networks, servers and neighbours do to sources, each with the test that shows what comes of it.
//!
//! [`SHOWN`] is the list; the tests that need a whole house with servers are in the files beside it.

mod crowd;
mod lines;
mod sizes;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Each fault, and the tests that show its outcome.
const SHOWN: &[(&str, &[&str])] = &[
    (
        "a file that is still growing",
        &["a_file_rests_when_two_looks_far_enough_apart_are_equal"],
    ),
    (
        "a writer that pauses for longer than a file has to rest",
        &[
            "a_writer_that_pauses_and_goes_on_is_waited_for",
            "a_file_that_changed_since_the_listing_is_not_processed",
        ],
    ),
    (
        "a file overwritten while it is delivered",
        &[
            "a_file_overwritten_while_it_is_delivered_counts_as_two_versions_and_both_arrive",
            "leaves_another_version_alone",
        ],
    ),
    (
        "a file taken away while it is delivered",
        &[
            "a_file_taken_away_while_it_is_delivered_is_delivered_and_said_to_have_vanished",
            "tells_what_vanished",
        ],
    ),
    (
        "a file renamed by its sender while it is delivered",
        &["a_file_renamed_by_its_sender_while_it_is_delivered_is_a_repeat_under_its_new_name"],
    ),
    (
        "very many files at once, more than the kernel tells of",
        &[
            "files_all_arrive_although_the_kernel_stops_telling_of_them",
            "a_folder_with_very_many_names_is_listed_whole",
        ],
    ),
    (
        "an inbox that goes away",
        &[
            "an_inbox_that_goes_away_and_comes_back_is_watched_again",
            "a_folder_that_is_removed_and_made_anew_is_watched_again_although_it_looks_the_same",
        ],
    ),
    (
        "done gone, read-only or denied",
        &[
            "a_move_that_fails_is_tried_again_and_nothing_is_sent_twice",
            "a_source_whose_files_cannot_be_moved_takes_no_more_until_they_can",
            "a_done_folder_without_write_rights_keeps_the_file_where_it_is",
        ],
    ),
    (
        "a name that is taken in done",
        &[
            "never_lays_one_file_over_another",
            "a_taken_name_is_never_overwritten",
        ],
    ),
    (
        "another version laid there during the move",
        &["a_version_laid_there_during_the_move_is_never_taken_for_the_one_processed"],
    ),
    (
        "a host key that changed",
        &[
            "a_changed_host_key_stops_that_source_alone_and_both_fingerprints_are_told",
            "a_host_key_that_is_not_told_is_refused_before_anything_is_said",
        ],
    ),
    (
        "a line that breaks at any byte, also after a rename and before its answer",
        &[
            "survives_a_line_that_breaks_anywhere",
            "a_rename_whose_answer_was_lost_is_looked_for_and_not_made_twice",
        ],
    ),
    (
        "a line that dies without a word",
        &["a_line_that_dies_without_a_word_is_given_up_and_begun_anew"],
    ),
    (
        "a listing without end",
        &[
            "a_listing_without_end_is_cut",
            "greetings_and_listings_without_end_are_bounded",
        ],
    ),
    (
        "a data connection that ends early, with a yes or without",
        &["a_transfer_that_ends_early_is_no_file_whatever_the_server_says"],
    ),
    (
        "an announced address that is another host's",
        &["only_the_host_of_the_control_connection_is_dialled"],
    ),
    (
        "data connections that must resume, TLS that is taken away",
        &[
            "vsftpd_is_spoken_to_under_tls_with_resumed_sessions",
            "proftpd_is_spoken_to_under_tls_with_resumed_sessions",
            "without_tls_no_name_and_no_password_is_said",
            "no_password_is_said_where_starttls_was_taken_away",
        ],
    ),
    (
        "text mode, no MDTM, no EPSV",
        &["a_file_comes_as_it_is_and_never_as_text"],
    ),
    (
        "a mailbox that counts anew",
        &[
            "a_mailbox_that_counts_anew_sends_nothing_to_the_wrong_place",
            "mails_under_new_numbers_are_repeats",
        ],
    ),
    (
        "an IDLE that dies without a word",
        &[
            "an_idle_that_died_without_a_word_is_begun_anew_and_the_mail_taken",
            "a_refused_or_broken_idle_ends_in_looking",
        ],
    ),
    (
        "a mail taken away by others, no MOVE, a copy that was cut off",
        &[
            "a_move_counts_only_with_its_proof",
            "a_mail_goes_its_way_at_courier_which_has_no_move",
            "a_mail_copied_before_a_crash_is_not_copied_twice",
        ],
    ),
    (
        "a server that is dead beside one that lives",
        &["dead_servers_of_every_kind_delay_no_other"],
    ),
    (
        "five hundred sources",
        &["five_hundred_sources_take_turns_over_few_connections"],
    ),
    (
        "a server that is down for long, and comes back",
        &["operators_hear_once_that_a_server_is_gone_and_once_that_it_is_back"],
    ),
    (
        "a file that is far too large",
        &["a_gigabyte_is_refused_before_it_is_fetched"],
    ),
];

/// Every function of the tests and of the code's own.
fn functions() -> BTreeSet<String> {
    fn walk(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let names = text.split("fn ").skip(1);
                found.extend(names.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    walk(&root.join("tests"), &mut found);
    walk(&root.join("src"), &mut found);
    found
}

#[test]
fn every_fault_has_a_test_that_shows_it() {
    let functions = functions();
    for (fault, tests) in SHOWN {
        for test in *tests {
            assert!(functions.contains(*test), "{fault}: there is no {test}");
        }
    }
}
