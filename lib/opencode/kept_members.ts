/** Members of the metadata of parts and results, which opencode stores with the session. */

/** The arguments of a call, as the model spelled them. */
export const ARGUMENTS_MEMBER = "kimiArguments";

/** The address and the name of an uploaded video. */
export const VIDEO_MEMBER = "kimiVideo";
