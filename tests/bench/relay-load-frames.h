/* Where things stand in the frames of docs/protocol.md 7, and the two frames by which a bare forwarder's mailbox says its name
 * instead of authenticating. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#define FRAME_DEPOSIT 0x01
#define FRAME_ACK 0x02
#define FRAME_ANSWER 0x81
#define FRAME_MAIL 0x82
#define FRAME_HELLO 0x10 /* 0x10 | device<32> */
#define FRAME_READY 0x11

#define FRAME_DEVICE_AT 5
#define FRAME_CAPABILITY_AT 37
#define FRAME_ID_AT 53
#define FRAME_ENVELOPE_AT 69
#define FRAME_ANSWER_SIZE 6
#define FRAME_MAIL_HEAD 10
#define FRAME_ACK_SIZE 9
#define ENVELOPE_SIZE 4096
/* In the envelope of a measurement, behind its first byte: when it was sent, and by which sender. */
#define ENVELOPE_STAMP_AT 1
#define ENVELOPE_SENDER_AT 9
