/** What the software CPU counts, and how that is shown to those who look inside. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.statistics;
