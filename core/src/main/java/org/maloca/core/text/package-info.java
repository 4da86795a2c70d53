/** What people write in options, and what is written for them. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.text;
