/** The user-mode network: machines on a switch, and a gateway to what the host can reach. */
@org.jspecify.annotations.NullMarked
package org.maloca.net;
