/** The machine's time. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.time;
