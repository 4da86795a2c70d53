/** What becomes of defects of Maloca's own. */
@NullMarked
package org.maloca.core.defect;

import org.jspecify.annotations.NullMarked;
