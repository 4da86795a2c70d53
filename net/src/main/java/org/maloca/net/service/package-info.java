/** What the gateway of a network offers to its machines, and how it hands packets over. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.service;
