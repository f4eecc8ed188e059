/** Bytes of a call's body. */
export const BODY_BYTES_MAX = 1024 * 1024
