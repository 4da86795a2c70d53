/** TCP towards the guest, spliced to the host's sockets. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.tcp;
