/* marks.h - the kinds of mark: the X field of MARK. */
#ifndef PAL_PVM_MARKS_H
#define PAL_PVM_MARKS_H

enum pvm_mark_kind {
    PVM_MARK_UNDO, /* no landing: an error passes, the scope is reversed */
    PVM_MARK_TRY,  /* an error reverses the scope and enters the landing */
    PVM_NMARK_KINDS
};

#endif
