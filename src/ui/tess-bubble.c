/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-bubble.h"

#include "ui/tess-message-text.h"
#include "ui/tess-text-dialog.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

#define WIDTH_MAX 480
#define GAP 10
#define QUOTE_GAP 5
/* Not a scheme that a message's own links can have. */
#define WHOLE "tessera-whole:"

/* What the text takes at a width. */
typedef struct {
  int width;
  int whole;
  int last;
} Extent;

struct _TessBubble {
  GtkWidget parent_instance;

  GtkWidget *quote;
  GtkLabel *quote_name;
  GtkLabel *quote_text;
  GtkLabel *label;
  GtkWidget *footer;
  GtkWidget *edited;
  GtkWidget *expiry;
  GtkLabel *time;
  GtkImage *state;

  TessMessage *message;
  char *name;  /* the other person's */
  char *shown; /* the text in the label: set again only when it is another, or a selection would go */

  PangoLayout *measured;     /* what the extents are of */
  PangoAttrList *attributes; /* its attributes, and the serial of its context, then */
  guint serial;
  Extent extents[4];
  guint n_extents;
};

static guint jump_signal;

G_DEFINE_FINAL_TYPE (TessBubble, tess_bubble, GTK_TYPE_WIDGET)

static int
natural_width (GtkWidget *widget)
{
  int natural = 0;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  return natural;
}

static int
height_at (GtkWidget *widget, int width)
{
  int height = 0;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  return height;
}

/* The text laid out at @width (-1: as wide as it likes): its whole width, and that of its last line. A last line that runs
 * against the widget's direction ends where the footer wants to be, and counts as full. */
static void
lay_out (TessBubble *self, PangoLayout *text, Extent *extent)
{
  g_autoptr (PangoLayout) layout = pango_layout_copy (text);
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  PangoLayoutLine *line;
  PangoRectangle extents;

  pango_layout_set_width (layout, extent->width < 0 ? -1 : extent->width * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_get_pixel_size (layout, &extent->whole, NULL);
  line = pango_layout_get_line_readonly (layout, pango_layout_get_line_count (layout) - 1);
  pango_layout_line_get_pixel_extents (line, NULL, &extents);
  extent->last = (pango_layout_line_get_resolved_direction (line) == PANGO_DIRECTION_RTL) == rtl ? extents.width : WIDTH_MAX * 4;
}

/* Forgets the extents when they are those of another text or of one that looks different. The label gives its layout one width
 * after the other, which is no difference here. */
static void
check_extents (TessBubble *self, PangoLayout *text)
{
  PangoAttrList *attributes = pango_layout_get_attributes (text);
  guint serial = pango_context_get_serial (pango_layout_get_context (text));

  if (text == self->measured && attributes == self->attributes && serial == self->serial)
    return;
  self->n_extents = 0;
  self->serial = serial;
  g_set_object (&self->measured, text);
  g_clear_pointer (&self->attributes, pango_attr_list_unref);
  self->attributes = attributes != NULL ? pango_attr_list_ref (attributes) : NULL;
}

/* What lay_out() says, remembered: a bubble is asked several times for the same few widths before it stands. */
static void
text_widths (TessBubble *self, int width, int *whole, int *last)
{
  PangoLayout *text = gtk_label_get_layout (self->label);
  guint i = 0;

  check_extents (self, text);
  while (i < self->n_extents && self->extents[i].width != width)
    i++;
  if (i == self->n_extents)
    {
      i = self->n_extents < G_N_ELEMENTS (self->extents) ? self->n_extents++ : i - 1;
      self->extents[i].width = width;
      lay_out (self, text, &self->extents[i]);
    }
  *whole = self->extents[i].whole;
  *last = self->extents[i].last;
}

static gboolean
footer_fits (TessBubble *self, int width, int footer)
{
  int whole, last;

  text_widths (self, width, &whole, &last);
  return last + GAP + footer <= width;
}

/* As wide as the text likes to be, with the footer beside a last line, up to the greatest width; then as narrow as the longest of
 * its wrapped lines. */
static int
content_width (TessBubble *self, int footer)
{
  int whole, last;

  text_widths (self, -1, &whole, &last);
  if (whole > WIDTH_MAX)
    {
      text_widths (self, WIDTH_MAX, &whole, &last);
      whole++;
    }
  return MIN (MAX (whole, MIN (last, whole) + GAP + footer), WIDTH_MAX);
}

/* 0 where no message is answered. */
static int
quote_width (TessBubble *self)
{
  return gtk_widget_get_visible (self->quote) ? MIN (natural_width (self->quote), WIDTH_MAX) : 0;
}

static int
quote_height (TessBubble *self, int width)
{
  return gtk_widget_get_visible (self->quote) ? height_at (self->quote, width) : 0;
}

static void
tess_bubble_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                     int *minimum_baseline,
                     int *natural_baseline)
{
  TessBubble *self = TESS_BUBBLE (widget);
  int footer = natural_width (self->footer);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      int label_minimum, quote_minimum = 0;

      gtk_widget_measure (GTK_WIDGET (self->label), GTK_ORIENTATION_HORIZONTAL, -1, &label_minimum, NULL, NULL, NULL);
      if (gtk_widget_get_visible (self->quote))
        gtk_widget_measure (self->quote, GTK_ORIENTATION_HORIZONTAL, -1, &quote_minimum, NULL, NULL, NULL);
      *minimum = MAX (MAX (label_minimum, quote_minimum), footer);
      *natural = MAX (*minimum, MAX (content_width (self, footer), quote_width (self)));
    }
  else
    {
      /* aligned to one side it is given no more than its natural width, but asked for its height at all there is */
      int width = MAX (content_width (self, footer), quote_width (self)), quote;

      width = for_size < 0 ? WIDTH_MAX : MIN (for_size, width);
      quote = quote_height (self, width);
      *minimum = height_at (GTK_WIDGET (self->label), width) + (quote > 0 ? quote + QUOTE_GAP : 0);
      if (!footer_fits (self, width, footer))
        *minimum += height_at (self->footer, -1);
      *natural = *minimum;
    }
}

static void
tess_bubble_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TessBubble *self = TESS_BUBBLE (widget);
  int footer_width = natural_width (self->footer), footer_height = height_at (self->footer, -1);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkAllocation quote = { 0, 0, width, quote_height (self, width) }, label = { 0, 0, width, height }, footer;

  if (quote.height > 0)
    {
      gtk_widget_size_allocate (self->quote, &quote, -1);
      label.y = quote.height + QUOTE_GAP;
      label.height -= label.y;
    }
  if (!footer_fits (self, width, footer_width))
    label.height -= footer_height;
  footer.width = MIN (footer_width, width);
  footer.height = footer_height;
  footer.x = rtl ? 0 : width - footer.width;
  footer.y = height - footer_height;
  gtk_widget_size_allocate (GTK_WIDGET (self->label), &label, -1);
  gtk_widget_size_allocate (self->footer, &footer, -1);
}

static GtkSizeRequestMode
tess_bubble_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static gboolean
on_activate_link (TessBubble *self, const char *uri)
{
  if (g_str_equal (uri, WHOLE))
    {
      adw_dialog_present (tess_text_dialog_new (tess_message_get_body (self->message)), GTK_WIDGET (self));
      return TRUE;
    }
  /* Only what linkify made can be here; everything but our own links goes the desktop's way. */
  if (!tess_text_uri_allowed (uri))
    return TRUE;
  if (g_ascii_strncasecmp (uri, "tessera:", 8) != 0)
    return FALSE;
  gtk_widget_activate_action (GTK_WIDGET (self), "win.add-address", "s", uri);
  return TRUE;
}

static void
on_quote (TessBubble *self)
{
  g_signal_emit (self, jump_signal, 0, tess_message_get_reply_to (self->message));
}

static void
set_class (TessBubble *self, const char *name, gboolean on)
{
  if (on)
    gtk_widget_add_css_class (GTK_WIDGET (self), name);
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), name);
}

/* The text with its links; of one that is very long its beginning, and a way to the whole: to lay it all out could take
 * seconds. */
static char *
make_markup (const char *body)
{
  const char *end = tess_text_cut (body);
  g_autofree char *shown = g_strndup (body, end - body);
  g_autofree char *markup = tess_text_linkify (shown);

  if (*end == '\0')
    return g_steal_pointer (&markup);
  return g_strdup_printf ("%s…\n<a href=\"" WHOLE "\">%s</a>", markup, C_("the whole of a long message", "Show All"));
}

static void
show_text (TessBubble *self)
{
  gboolean deleted = tess_message_get_deleted (self->message);
  const char *text = deleted ? tess_message_text_deleted (self->message) : tess_message_get_body (self->message);
  g_autofree char *markup = NULL;

  set_class (self, "deleted", deleted);
  set_class (self, "emoji", !deleted && *tess_message_get_reply_to (self->message) == '\0' && tess_text_is_emoji (text));
  if (!g_set_str (&self->shown, text))
    return;
  markup = make_markup (text);
  gtk_label_set_markup (self->label, markup);
}

/* What the quote is for a screen reader; only with a @name does it lead somewhere. */
static char *
quote_label (TessBubble *self, const char *name, const char *text)
{
  if (*name == '\0')
    return g_strdup (text);
  if (tess_message_get_reply_outgoing (self->message))
    /* Translators: a button above an answer to a message of one's own, which it goes to; %s is the beginning of that one */
    return g_strdup_printf (_("Go to what you wrote: %s"), text);
  /* Translators: a button above an answer that goes to what it answers: %1$s is the contact who wrote it, %2$s its beginning */
  return g_strdup_printf (_("Go to what %1$s wrote: %2$s"), name, text);
}

static void
show_quote (TessBubble *self)
{
  gboolean shown = *tess_message_get_reply_to (self->message) != '\0' && !tess_message_get_deleted (self->message);
  const char *name = tess_message_text_reply_name (self->message, self->name), *text = tess_message_text_reply (self->message);
  g_autofree char *label = NULL;

  gtk_widget_set_visible (self->quote, shown);
  if (!shown)
    return;
  gtk_label_set_label (self->quote_name, name);
  gtk_widget_set_visible (GTK_WIDGET (self->quote_name), *name != '\0');
  gtk_label_set_label (self->quote_text, text);
  gtk_widget_set_sensitive (self->quote, *name != '\0');
  label = quote_label (self, name, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->quote), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static TessDelivery
shown_delivery (TessBubble *self)
{
  return tess_message_get_deleted (self->message) ? TESS_DELIVERY_NONE : tess_message_get_delivery (self->message);
}

/* When it was written, and how far it has come. Made when it is asked for: to set a tooltip is to ask the X server where the
 * pointer is, for each row. */
static gboolean
on_footer_tooltip (TessBubble *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  g_autofree char *full = NULL, *text = NULL;

  if (self->message == NULL)
    return FALSE;
  full = tess_text_full_time (tess_message_get_time (self->message));
  if (tess_text_delivery_icon (shown_delivery (self)) != NULL)
    /* Translators: a tooltip: when a message was written, and how far it has come */
    text = g_strdup_printf (C_("message tooltip", "%1$s, %2$s"), full, tess_text_delivery (shown_delivery (self)));
  gtk_tooltip_set_text (tooltip, text != NULL ? text : full);
  return TRUE;
}

static void
show_footer (TessBubble *self)
{
  gboolean deleted = tess_message_get_deleted (self->message);
  TessDelivery delivery = shown_delivery (self);
  const char *icon = tess_text_delivery_icon (delivery);
  g_autofree char *clock = tess_text_clock (tess_message_get_time (self->message));
  g_autofree char *expiry = deleted ? NULL : tess_message_text_expiry (self->message);

  gtk_label_set_label (self->time, clock);
  gtk_widget_set_visible (self->edited, tess_message_get_edited (self->message) && !deleted);
  gtk_widget_set_visible (self->expiry, expiry != NULL);
  if (g_strcmp0 (expiry, gtk_widget_get_tooltip_text (self->expiry)) != 0)
    gtk_widget_set_tooltip_text (self->expiry, expiry);
  if (expiry != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->expiry), GTK_ACCESSIBLE_PROPERTY_LABEL, expiry, -1);
  gtk_widget_set_visible (GTK_WIDGET (self->state), icon != NULL);
  gtk_image_set_from_icon_name (self->state, icon);
  if (icon != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->state), GTK_ACCESSIBLE_PROPERTY_LABEL, tess_text_delivery (delivery),
                                    -1);
  set_class (self, "failed", delivery == TESS_DELIVERY_FAILED);
}

void
tess_bubble_update (TessBubble *self)
{
  show_text (self);
  show_quote (self);
  show_footer (self);
}

void
tess_bubble_set_message (TessBubble *self, TessMessage *message, const char *name)
{
  g_set_object (&self->message, message);
  g_set_str (&self->name, name);
  if (message == NULL)
    {
      g_clear_pointer (&self->shown, g_free);
      gtk_label_set_label (self->label, "");
      return;
    }
  set_class (self, "outgoing", tess_message_get_outgoing (message));
  set_class (self, "incoming", !tess_message_get_outgoing (message));
  tess_bubble_update (self);
}

char *
tess_bubble_dup_selection (TessBubble *self)
{
  int start, end;

  if (!gtk_label_get_selection_bounds (self->label, &start, &end))
    return NULL;
  return g_utf8_substring (gtk_label_get_text (self->label), start, end);
}

const char *
tess_bubble_get_link (TessBubble *self)
{
  const char *uri = gtk_label_get_current_uri (self->label);

  return tess_text_uri_allowed (uri) ? uri : NULL;
}

static void
tess_bubble_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), TESS_TYPE_BUBBLE);
  g_clear_object (&TESS_BUBBLE (object)->message);
  g_clear_object (&TESS_BUBBLE (object)->measured);
  g_clear_pointer (&TESS_BUBBLE (object)->attributes, pango_attr_list_unref);
  G_OBJECT_CLASS (tess_bubble_parent_class)->dispose (object);
}

static void
tess_bubble_finalize (GObject *object)
{
  g_free (TESS_BUBBLE (object)->name);
  g_free (TESS_BUBBLE (object)->shown);
  G_OBJECT_CLASS (tess_bubble_parent_class)->finalize (object);
}

static void
tess_bubble_class_init (TessBubbleClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_bubble_dispose;
  G_OBJECT_CLASS (klass)->finalize = tess_bubble_finalize;
  widget_class->measure = tess_bubble_measure;
  widget_class->size_allocate = tess_bubble_size_allocate;
  widget_class->get_request_mode = tess_bubble_get_request_mode;
  jump_signal = g_signal_new ("jump", TESS_TYPE_BUBBLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_css_name (widget_class, "bubble");
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-bubble.ui");
  gtk_widget_class_bind_template_child (widget_class, TessBubble, quote);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, quote_name);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, quote_text);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, label);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, footer);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, edited);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, expiry);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, time);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, state);
  gtk_widget_class_bind_template_callback (widget_class, on_quote);
  gtk_widget_class_bind_template_callback (widget_class, on_footer_tooltip);
  gtk_widget_class_bind_template_callback (widget_class, on_activate_link);
}

static void
tess_bubble_init (TessBubble *self)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  /* a long link that is broken up must not look as if it had hyphens */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (self->label, attributes);
}
