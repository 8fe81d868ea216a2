/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-bubble.h"

#include "ui/tess-message-text.h"
#include "ui/tess-quote.h"
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
  int whole;        /* its longest line, and its last one */
  int last;
  int height;
  gboolean wrapped; /* or every line of it is as long as it likes */
} Extent;

struct _TessBubble {
  GtkWidget parent_instance;

  TessQuote *quote;  /* these four: NULL until a message needs them */
  GtkWidget *edited;
  GtkWidget *expiry;
  GtkWidget *state;
  GtkLabel *label;
  GtkBox *footer;
  GtkLabel *time;

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

/* The text laid out. A last line that runs against the widget's direction ends where the footer wants to be, and counts as
 * full. */
static void
lay_out (TessBubble *self, PangoLayout *text, Extent *extent)
{
  g_autoptr (PangoLayout) layout = pango_layout_copy (text);
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  PangoLayoutLine *line;
  PangoRectangle extents;

  pango_layout_set_width (layout, extent->width * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_get_pixel_size (layout, &extent->whole, &extent->height);
  extent->wrapped = pango_layout_is_wrapped (layout);
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

/* Whether the text breaks at @width where it breaks at that of @extent: nothing more fits, and nothing less. */
static gboolean
holds_at (const Extent *extent, int width)
{
  return width == extent->width || (width >= extent->whole && (width < extent->width || !extent->wrapped));
}

/* What lay_out() says, remembered: a bubble is asked several times for the same few widths before it stands. */
static const Extent *
text_at (TessBubble *self, int width)
{
  PangoLayout *text = gtk_label_get_layout (self->label);
  guint i = 0;

  check_extents (self, text);
  while (i < self->n_extents && !holds_at (&self->extents[i], width))
    i++;
  if (i == self->n_extents)
    {
      i = self->n_extents < G_N_ELEMENTS (self->extents) ? self->n_extents++ : i - 1;
      self->extents[i].width = width;
      lay_out (self, text, &self->extents[i]);
    }
  return &self->extents[i];
}

static gboolean
footer_fits (TessBubble *self, int width, int footer)
{
  return text_at (self, width)->last + GAP + footer <= width;
}

/* As wide as the text likes to be, with the footer beside a last line, up to the greatest width; then as narrow as the longest of
 * its wrapped lines. */
static int
content_width (TessBubble *self, int footer)
{
  const Extent *text = text_at (self, WIDTH_MAX);
  int whole = text->whole + (text->wrapped ? 1 : 0);

  return MIN (MAX (whole, MIN (text->last, whole) + GAP + footer), WIDTH_MAX);
}

static gboolean
has_quote (TessBubble *self)
{
  return self->quote != NULL && gtk_widget_get_visible (GTK_WIDGET (self->quote));
}

/* 0 where no message is answered. */
static int
quote_width (TessBubble *self)
{
  return has_quote (self) ? MIN (natural_width (GTK_WIDGET (self->quote)), WIDTH_MAX) : 0;
}

static int
quote_height (TessBubble *self, int width)
{
  return has_quote (self) ? height_at (GTK_WIDGET (self->quote), width) : 0;
}

static void
tess_bubble_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                     int *minimum_baseline,
                     int *natural_baseline)
{
  TessBubble *self = TESS_BUBBLE (widget);
  int footer = natural_width (GTK_WIDGET (self->footer)), quote_minimum = 0;

  /* What the label takes is known from the extents. It is asked only for its height at all there is, because what is never
   * measured does not tell that it changed: to know its least width it would break the text behind every letter. */
  gtk_widget_measure (GTK_WIDGET (self->label), GTK_ORIENTATION_VERTICAL, -1, NULL, NULL, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      if (has_quote (self))
        gtk_widget_measure (GTK_WIDGET (self->quote), GTK_ORIENTATION_HORIZONTAL, -1, &quote_minimum, NULL, NULL, NULL);
      *minimum = MAX (quote_minimum, footer);
      *natural = MAX (*minimum, MAX (content_width (self, footer), quote_width (self)));
    }
  else
    {
      /* aligned to one side it is given no more than its natural width, but asked for its height at all there is */
      int width = MAX (content_width (self, footer), quote_width (self)), quote;

      width = for_size < 0 ? WIDTH_MAX : MIN (for_size, width);
      quote = quote_height (self, width);
      *minimum = text_at (self, width)->height + (quote > 0 ? quote + QUOTE_GAP : 0);
      if (!footer_fits (self, width, footer))
        *minimum += height_at (GTK_WIDGET (self->footer), -1);
      *natural = *minimum;
    }
}

static void
tess_bubble_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TessBubble *self = TESS_BUBBLE (widget);
  GtkWidget *foot = GTK_WIDGET (self->footer);
  int footer_width = natural_width (foot), footer_height = height_at (foot, -1);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkAllocation quote = { 0, 0, width, quote_height (self, width) }, label = { 0, 0, width, height }, footer;

  if (quote.height > 0)
    {
      gtk_widget_size_allocate (GTK_WIDGET (self->quote), &quote, -1);
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
  gtk_widget_size_allocate (foot, &footer, -1);
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

static void
show_quote (TessBubble *self)
{
  gboolean shown = *tess_message_get_reply_to (self->message) != '\0' && !tess_message_get_deleted (self->message);

  if (shown && self->quote == NULL)
    {
      self->quote = g_object_new (TESS_TYPE_QUOTE, NULL);
      gtk_widget_insert_after (GTK_WIDGET (self->quote), GTK_WIDGET (self), NULL);
      g_signal_connect_object (self->quote, "clicked", G_CALLBACK (on_quote), self, G_CONNECT_SWAPPED);
    }
  if (self->quote != NULL)
    gtk_widget_set_visible (GTK_WIDGET (self->quote), shown);
  if (shown)
    tess_quote_show (self->quote, self->message, self->name);
}

static TessDelivery
shown_delivery (TessBubble *self)
{
  TessDelivery delivery = tess_message_get_delivery (self->message);

  return tess_message_get_deleted (self->message) && delivery != TESS_DELIVERY_FAILED ? TESS_DELIVERY_NONE : delivery;
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
    text = g_strdup_printf (C_("message tooltip", "%1$s, %2$s"), full, tess_message_text_delivery (self->message));
  gtk_tooltip_set_text (tooltip, text != NULL ? text : full);
  return TRUE;
}

/* The parts of the footer that few messages have stand before its time, one behind the other. */

static void
show_edited (TessBubble *self, gboolean shown)
{
  if (shown && self->edited == NULL)
    {
      self->edited = gtk_label_new (C_("message", "edited"));
      gtk_box_prepend (self->footer, self->edited);
    }
  if (self->edited != NULL)
    gtk_widget_set_visible (self->edited, shown);
}

static void
show_expiry (TessBubble *self, const char *words)
{
  if (words != NULL && self->expiry == NULL)
    {
      self->expiry = gtk_image_new_from_icon_name ("tess-timer-symbolic");
      gtk_image_set_pixel_size (GTK_IMAGE (self->expiry), 12);
      gtk_box_insert_child_after (self->footer, self->expiry, self->edited);
    }
  if (self->expiry == NULL)
    return;
  gtk_widget_set_visible (self->expiry, words != NULL);
  if (g_strcmp0 (words, gtk_widget_get_tooltip_text (self->expiry)) != 0)
    gtk_widget_set_tooltip_text (self->expiry, words);
  if (words != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->expiry), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
show_state (TessBubble *self, TessDelivery delivery)
{
  const char *icon = tess_text_delivery_icon (delivery);

  if (icon != NULL && self->state == NULL)
    {
      self->state = gtk_image_new ();
      gtk_image_set_pixel_size (GTK_IMAGE (self->state), 14);
      gtk_box_append (self->footer, self->state);
    }
  if (self->state == NULL)
    return;
  gtk_widget_set_visible (self->state, icon != NULL);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->state), icon);
  if (icon != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->state), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    tess_message_text_delivery (self->message), -1);
}

static void
show_footer (TessBubble *self)
{
  gboolean deleted = tess_message_get_deleted (self->message);
  TessDelivery delivery = shown_delivery (self);
  g_autofree char *clock = tess_text_clock (tess_message_get_time (self->message));
  g_autofree char *expiry = deleted ? NULL : tess_message_text_expiry (self->message);

  gtk_label_set_label (self->time, clock);
  show_edited (self, tess_message_get_edited (self->message) && !deleted);
  show_expiry (self, expiry);
  show_state (self, delivery);
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
  g_clear_pointer ((GtkWidget **) &TESS_BUBBLE (object)->quote, gtk_widget_unparent);
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
  gtk_widget_class_bind_template_child (widget_class, TessBubble, label);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, footer);
  gtk_widget_class_bind_template_child (widget_class, TessBubble, time);
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
