/** Limits of bandwidth and packets. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.limit;
