/** Name service: names of the network's machines, and a forwarder to the host's resolvers. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.dns;
