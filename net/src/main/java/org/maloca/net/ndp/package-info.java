/** Address resolution of IPv6. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.ndp;
