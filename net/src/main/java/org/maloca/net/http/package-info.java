/** What guests tell the gateway by HTTP. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.http;
