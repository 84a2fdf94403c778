/** A member of a body whose videos stay lines of text; it is not sent. */
export const TEXT_ONLY = "kimi_text_only";
