// The release that is modelled, in one place. Another release would be a table of dated differences from this one.

/** As uname(2) would say it. */
export const RELEASE = "6.18";
