/* Words and numbers as people read them: times, links, codes. Main thread (locale). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-contact.h"
#include "core/tess-message.h"

G_BEGIN_DECLS

/* @time in ms since 1970, local. All free with g_free(). */
char *tess_text_clock (gint64 time);                 /* 10:32, or 10:32 AM where the desktop wants that */
char *tess_text_when (gint64 time, gint64 now);      /* for a list: the clock today, else Yesterday, a weekday, a date */
char *tess_text_day (gint64 time, gint64 now);       /* for a divider: Today, Yesterday, Monday, 3 March 2025 */
char *tess_text_full_time (gint64 time);             /* for a tooltip */
gboolean tess_text_same_day (gint64 one, gint64 other);
gint64 tess_text_now (void);
guint tess_text_seconds_to_midnight (void);

/* How far an own message has come, in words, or "" for another's. Static. */
const char *tess_text_delivery (TessDelivery delivery);
/* The icon of that, or NULL. Static. */
const char *tess_text_delivery_icon (TessDelivery delivery);
const char *tess_text_trust (TessTrust trust);

/* A contact's name to be put into a sentence: isolated, so that its direction does not turn the sentence's. Free with
 * g_free(). */
char *tess_text_name (TessContact *contact);

/* What a contact's @device is called in a list of @count; and since when it is known. Free with g_free(). */
char *tess_text_device (const TessContactDevice *device, guint count);
char *tess_text_device_dates (const TessContactDevice *device);

/* What a notice (a message whose kind is not "text") says in a chat with @writer. Free with g_free(). */
char *tess_text_notice (TessMessage *message, const char *writer);

/* Pango markup of @text: everything escaped, http, https, mailto and tessera links made links, and so, to https, what begins with
 * "www.". Free with g_free(). */
char *tess_text_linkify (const char *text);
/* Where a message is cut to stand in a chat: after so many characters and lines that its layout is no matter; its end if it is
 * not cut. */
const char *tess_text_cut (const char *text);
/* The start of @text in one line, for a notification: what would break the line or turn the direction of what stands beside it is
 * left out. Plain text, at most TESS_NOTIFICATION_CHARS. Free with g_free(). */
char *tess_text_one_line (const char *text);
#define TESS_NOTIFICATION_CHARS 200
/* TRUE for one to five emoji and nothing else: those are shown large. */
gboolean tess_text_is_emoji (const char *text);
/* Only these open: what tess_text_linkify() makes. */
gboolean tess_text_uri_allowed (const char *uri);

/* What a text that somebody pastes looks like; the engine judges it in the end. */
typedef enum {
  TESS_CODE_NONE,
  TESS_CODE_ADDRESS,
  TESS_CODE_CODE, /* an address with a secret, made for scanning */
} TessCodeKind;
TessCodeKind tess_text_code_kind (const char *text);
/* A safety number in groups of five digits, three a line; and as it is read aloud: digit by digit, with a pause after each group.
 * Free with g_free(). */
char *tess_text_number (const char *digits);
char *tess_text_number_aloud (const char *digits);
#define TESS_NUMBER_SAME 0
#define TESS_NUMBER_NONE -1
/* Compares the number with one that was copied: digits of any script, anything but digits around and between them. The group
 * (from 1) where the first difference is, SAME, or NONE when @text does not hold as many digits. */
int tess_text_number_compare (const char *digits, const char *text);
/* The address or code within @text, where one stands among other words, as in an invitation; else @text without white space
 * around it. Free with g_free(). */
char *tess_text_code_within (const char *text);
/* What is wrong with a @text of kind TESS_CODE_NONE, as a sentence. */
const char *tess_text_code_fault (const char *text);
/* The relay (`host[:port]`, small letters) of an address or code; NULL when it is none. Free with g_free(). */
char *tess_text_code_relay (const char *text);
/* TRUE when both are addresses or codes of one account. */
gboolean tess_text_code_same_account (const char *one, const char *other);
/* TESSERA:1/… as a link, tessera:1/…. Free with g_free(). */
char *tess_text_as_link (const char *address);
/* The folder and file of a picture if @text is an absolute path or file:// URI of an existing file, else NULL. Free with
 * g_free(). */
char *tess_text_picture_path (const char *text);

G_END_DECLS
