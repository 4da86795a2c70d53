/** What of the host is let in. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.host;
