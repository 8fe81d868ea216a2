/* Every bound of Tessera, by name. A queue, cache, message or loop that has no line here is a mistake.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Secret memory: secrets up to SLOT_MAX bytes (a ratchet state is the largest) share guarded pieces of SLAB_SLOTS slots. */
#define TESS_SECRET_SLOT_MAX 5120
#define TESS_SECRET_SLAB_SLOTS 16

/* Envelopes: protocol.md 4. */
#define TESS_ENVELOPE_SMALL 4096
#define TESS_ENVELOPE_MEDIUM 16384
#define TESS_ENVELOPE_LARGE 65536

/* Device lists and prekeys: protocol.md 1. Times in seconds. */
#define TESS_DEVICES_MAX 8
#define TESS_DEVICE_LIST_JUMP_MAX 1000
#define TESS_DEVICE_LIST_SIZE_MAX (32 + 8 + 1 + TESS_DEVICES_MAX * (4 + 32 + 8 + 64) + 64) /* bytes, signature included */
#define TESS_PREKEY_LIFETIME_MAX (14 * 86400)
#define TESS_PREKEY_AHEAD_MAX 86400
#define TESS_PREKEY_ROTATE_EVERY (2 * 86400)
#define TESS_PREKEY_REFETCH_AFTER (2 * 86400) /* a peer's record older than this is fetched again before sealing */
#define TESS_PREKEY_KEEP_AFTER_EXPIRY (30 * 86400)
#define TESS_ENVELOPE_KEYS_KEPT 4 /* live at once: mail comes under the newest few records */
#define TESS_KEYS_JUST_FETCHED 60 /* within so many seconds a peer's relay is not asked again which devices there are */
#define TESS_ONE_TIME_UPLOAD 100
#define TESS_ONE_TIME_REFILL_BELOW 25
#define TESS_ONE_TIME_KEEP (90 * 86400)

/* Ratchet and sessions: protocol.md 3. */
#define TESS_RATCHET_SKIP_MAX 1000
#define TESS_RATCHET_STORED_KEYS_MAX 2000
#define TESS_RATCHET_STORED_KEY_KEEP (30 * 86400)
#define TESS_RATCHET_ENDED_CHAINS_MAX 64
#define TESS_RATCHET_HEARTBEAT_AFTER 50
#define TESS_SESSIONS_ARCHIVED_MAX 4
#define TESS_SESSION_ARCHIVED_KEEP (14 * 86400)

/* Content: protocol.md 5. */
#define TESS_CONTENT_DEPTH_MAX 16
#define TESS_CONTENT_SIZE_MAX 60000
#define TESS_RECEIPT_DELAY_MIN_MS 500
#define TESS_RECEIPT_DELAY_MAX_MS 3000
#define TESS_RECEIPT_IDS_MAX 500     /* in each list of one receipt: 35 bytes an id */
#define TESS_NAME_CHARS_MAX 64     /* what a person may call themselves or a contact, in characters */
#define TESS_NAME_BYTES_MAX 256
#define TESS_EMOJI_BYTES_MAX 64    /* a reaction */
#define TESS_TYPING_AGE_MAX_MS (60 * 1000) /* a `typing` that is older is past */
#define TESS_TYPING_AGAIN_SECONDS 10 /* between two words that somebody still writes */
#define TESS_EARLY_ACTIONS_MAX 200 /* edits, deletions and reactions of one contact whose target is not here */
#define TESS_EARLY_ACTIONS_KEEP (45 * 86400)
#define TESS_EXPIRY_BATCH 500      /* messages erased in one transaction because their time is over */
#define TESS_TIMER_MAX (366 * 24 * 3600) /* seconds that a disappearing message may stay */
#define TESS_SEARCH_PAGE 50        /* messages that one search brings */
#define TESS_TEXT_BYTES_MAX 32000  /* one text message, UTF-8; fits the largest envelope with room to spare */

/* Delivery: protocol.md 6. */
#define TESS_REQUESTS_MAX 500      /* strangers kept who were not accepted; mail of further ones is refused */
#define TESS_REQUEST_MESSAGES_MAX 100 /* kept of a stranger who was not accepted; further ones are refused */
#define TESS_UNSEALED_MAX 5000     /* messages of one contact that are sealed in one transaction */
#define TESS_MAIL_TRIES 5          /* an envelope whose job fails by no fault of the disk so often is given up */
#define TESS_SEEN_ENVELOPE_KEEP (45 * 86400)
#define TESS_RESET_INTERVAL_MIN 3600
#define TESS_RESET_INTERVAL_MAX 86400
#define TESS_RESET_REPORT_AFTER 86400
#define TESS_RENEW_INTERVAL 86400  /* between two fresh sessions that mail under the request capability brings about */
#define TESS_PROFILE_AGAIN_AFTER 86400    /* a lost profile, of which the peer's mail tells */
#define TESS_UPKEEP_INTERVAL 3600  /* between two rounds of erasing, rotating and what waits for its hour, by the clock */
#define TESS_INDEX_BATCH 500 /* messages that come into the search index in one job */
#define TESS_UPKEEP_LOOK_SECONDS 60 /* between two looks at the clock, which may jump */
#define TESS_UPKEEP_LOOK_SAVING_SECONDS 600 /* the same while power is saved */
#define TESS_ROLL_FORWARD_INTERVAL 3600 /* between two fresh starts that a relay's `acked` asks for */

/* Store: jobs that wait for the database thread, the wrapped keys' file, the keyring's answer (seconds: a person may have to
 * unlock it). */
#define TESS_STORE_QUEUE_MAX 1024
#define TESS_STORE_STATEMENTS_MAX 128
#define TESS_KEYS_FILE_MAX 65536
#define TESS_KEYRING_TIMEOUT 120
#define TESS_KEYRING_SOON 5 /* where nobody is asked */
#define TESS_KEYRING_CHANGE 30 /* each step of setting the app lock: the keyring is open by then as a rule */

/* Relay: protocol.md 7. */
#define TESS_CAPABILITY_OVERLAP (48 * 3600)
#define TESS_MAILBOX_ENVELOPES_MAX 10000
#define TESS_MAILBOX_BYTES_MAX (256 * 1024 * 1024)
#define TESS_MAILBOX_REQUESTS_MAX 50
#define TESS_MAILBOX_KEEP (30 * 86400)
#define TESS_MAILBOX_UNACKED_MAX 64
#define TESS_MAILBOX_UNACKED_BYTES_MAX (1024 * 1024)
#define TESS_CHALLENGE_KEEP 30
#define TESS_JSON_BYTES_MAX (512 * 1024) /* one JSON request or answer: 100 one-time prekeys are 220 KiB in base64url */
#define TESS_JSON_DEPTH_MAX 16
#define TESS_JSON_MEMBERS_MAX 256  /* of one object: hash tables stay quick whatever the names are */
#define TESS_JSON_VALUES_MAX 4096  /* of one text, nested ones included: a parsed value is many times its text */
#define TESS_FRAME_BYTES_MAX (TESS_ENVELOPE_LARGE + 256)
#define TESS_TICKETS_MAX 16             /* attachment tickets in one request */
#define TESS_TICKET_BYTES_MAX 128
#define TESS_TICKET_SIZE 32
#define TESS_TICKET_KEEP 3600           /* seconds in which an upload has to begin */
#define TESS_TICKETS_UNUSED_MAX 64      /* of an account */
#define TESS_BLOB_ID_SIZE 32
#define TESS_BLOB_KEEP (30 * 86400)
#define TESS_INVITATION_BYTES_MAX 128
#define TESS_DIRECTORY_NAME_MIN 3       /* characters of a name that an account claims */
#define TESS_DIRECTORY_NAME_MAX 32
#define TESS_DIRECTORY_LIST_MAX 50      /* names in one answer */
#define TESS_RELAY_MESSAGE_BYTES_MAX 1024 /* an error's words */

/* The client's connections to relays. */
#define TESS_NET_CONNECT_SECONDS 15      /* to a TCP, TLS and WebSocket connection */
#define TESS_NET_HANDSHAKE_SECONDS 30    /* from there to `ready` */
#define TESS_NET_KEEPALIVE_SECONDS 30    /* between pings; as long again without a pong ends a link */
#define TESS_NET_KEEPALIVE_SAVING_SECONDS 50 /* the same while power is saved: still before the relay's own, after 60 */
#define TESS_NET_CONTROLS_MAX 120        /* control frames that a relay may send in a minute */
#define TESS_NET_REQUEST_SECONDS 30      /* for one answer */
#define TESS_NET_REQUESTS_MAX 16         /* unanswered on a mailbox link */
#define TESS_NET_DEPOSITS_MAX 16         /* unanswered on a deposit link */
#define TESS_NET_DEPOSIT_IDLE_SECONDS 60 /* then a deposit link closes */
#define TESS_CLOSE_SECONDS 5             /* that closing waits for what is under way; it ends long before */
#define TESS_NET_PROXY_SECONDS 60        /* to a connection, or for an answer over one, through a proxy: Tor takes its time */
#define TESS_PROXY_HOST_MAX 253          /* bytes of a proxy's name: RFC 1035's 255, written out */
#define TESS_PROXY_FILE_MAX 4096         /* bytes of the file that says which way connections go */
#define TESS_NET_RETRY_AFTER_MAX_MS (3600 * 1000) /* the longest wait a relay may ask for */

/* Verification: protocol.md 8. */
#define TESS_CODE_SHOWN_MAX 3600 /* seconds; what a code is good for when nobody hides it */
#define TESS_CODE_KEEP_AFTER 300 /* and once it is hidden */
/* How long it is remembered after that, to tell a late scan from a made-up one, and how many of them are. */
#define TESS_CODE_REMEMBER (7 * 24 * 3600)
#define TESS_CODES_REMEMBERED_MAX 500

/* QR codes and pictures that hold one. */
#define TESS_QR_TEXT_MAX 1024
#define TESS_QR_FILE_BYTES_MAX (20 * 1024 * 1024)
#define TESS_QR_SIDE_MAX 10000
#define TESS_QR_PIXELS_MAX (64 * 1000 * 1000)

/* The camera. */
#define TESS_CAMERA_SIDE_MAX 4096
#define TESS_CAMERA_FRAMES_KEPT 8    /* without a code until the one before counts as out of view */
#define TESS_CAMERA_DEVICES_MAX 16
#define TESS_CAMERA_START_SECONDS 10 /* to its first picture */
#define TESS_CAMERA_AGAIN_MS 1000    /* until one that refused is tried once more */
#define TESS_PORTAL_HELLO_MS 2000    /* that the app's start waits for the portals to know it */
#define TESS_PORTAL_CALL_SECONDS 25  /* for the answer to a call, which a portal first has to be started for */

/* What the desktop's search asks. */
#define TESS_DESKTOP_FOUND_MAX 8          /* results; more ids than that in one question are not looked at either */
#define TESS_DESKTOP_TERMS_MAX 16
#define TESS_DESKTOP_TERMS_BYTES_MAX 256  /* all of them together */
#define TESS_DESKTOP_WAITING_MAX 64       /* questions while the profile is being opened */
#define TESS_DESKTOP_IDLE_SECONDS 30      /* without a question, then an app ends that was started for one */

/* Notifications. */
#define TESS_NOTIFY_EVERY_MS 1000    /* at most, for each chat */
#define TESS_NOTIFY_SOUND_MS 3000    /* between two that make a sound */
