/** Targets: messages to a shared folder. */
@org.jspecify.annotations.NullMarked
package org.maloca.fuzz.share;
