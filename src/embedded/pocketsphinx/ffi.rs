//! The one module that binds a C library: PocketSphinx, loaded at run time, so that the build needs nothing of it.
//!
//! Everything unsafe stays in here. A [`Decoder`] owns its C object, is used by one thread at a time (`&mut self`, and `Send` but not `Sync`),
//! and copies whatever the library lends before it returns. It decides nothing about segments or words.
//!
//! Two versions are known: 5prealpha (Debian's `libpocketsphinx3`, set up through `cmd_ln_*`) and 5 (set up through `ps_config_*`).
#![expect(unsafe_code, reason = "binds the C library PocketSphinx; each use states why it is sound")]

use libloading::Library as Object;
use std::ffi::{CStr, CString, c_char, c_double, c_int, c_void};
use std::fmt;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// A word of a hypothesis; frames are 10 ms, counted from the start of the utterance, both inclusive.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RawWord {
    pub(super) text: String,
    pub(super) first_frame: u64,
    pub(super) last_frame: u64,
    /// The posterior, once the utterance has ended; 1 before.
    pub(super) probability: f64,
}

/// What went wrong in the library, which gives no reasons.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct FfiError(String);

impl FfiError {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

fn failed(what: impl Into<String>) -> FfiError {
    FfiError::new(what)
}

/// The functions of a loaded library. `object` keeps them alive, and is never unloaded while this lives.
pub(super) struct Library {
    setup: Setup,
    init: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void) -> c_int,
    start_stream: unsafe extern "C" fn(*mut c_void) -> c_int,
    start_utterance: unsafe extern "C" fn(*mut c_void) -> c_int,
    end_utterance: unsafe extern "C" fn(*mut c_void) -> c_int,
    process: unsafe extern "C" fn(*mut c_void, *const i16, usize, c_int, c_int) -> c_int,
    words: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    next_word: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    word_text: unsafe extern "C" fn(*mut c_void) -> *const c_char,
    word_frames: unsafe extern "C" fn(*mut c_void, *mut c_int, *mut c_int),
    word_probability: unsafe extern "C" fn(*mut c_void, *mut i32, *mut i32, *mut i32) -> i32,
    log_math: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    exp: unsafe extern "C" fn(*mut c_void, c_int) -> c_double,
    _object: Object,
}

/// How a decoder's options are given to it.
enum Setup {
    CommandLine {
        arguments: unsafe extern "C" fn() -> *const c_void,
        parse: unsafe extern "C" fn(*mut c_void, *const c_void, c_int, *mut *mut c_char, c_int) -> *mut c_void,
        free: unsafe extern "C" fn(*mut c_void) -> c_int,
    },
    Config {
        new: unsafe extern "C" fn(*const c_void) -> *mut c_void,
        set: unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char) -> *const c_void,
        set_flag: unsafe extern "C" fn(*mut c_void, *const c_char, c_int) -> *const c_void,
        free: unsafe extern "C" fn(*mut c_void) -> c_int,
    },
}

impl Library {
    /// Loads the first of `names` that is there.
    pub(super) fn load(names: &[&Path]) -> Result<Arc<Self>, FfiError> {
        let mut problems = Vec::new();
        for name in names {
            // SAFETY: loading runs the library's initializers; PocketSphinx and its dependencies have none that need care.
            match unsafe { Object::new(*name) } {
                Ok(object) => return Self::bind(object).map(Arc::new),
                Err(error) => problems.push(error.to_string()),
            }
        }
        Err(failed(problems.join("; ")))
    }

    fn bind(object: Object) -> Result<Self, FfiError> {
        // SAFETY (of every `symbol`): the signatures are those of pocketsphinx.h, cmd_ln.h, logmath.h and err.h of the two versions; the
        // function pointers are kept beside the object that they point into.
        unsafe {
            let setup = match symbol(&object, "ps_config_init") {
                Ok(new) => Setup::Config {
                    new,
                    set: symbol(&object, "ps_config_set_str")?,
                    set_flag: symbol(&object, "ps_config_set_bool")?,
                    free: symbol(&object, "ps_config_free")?,
                },
                Err(_) => Setup::CommandLine {
                    arguments: symbol(&object, "ps_args")?,
                    parse: symbol(&object, "cmd_ln_parse_r")?,
                    free: symbol(&object, "cmd_ln_free_r")?,
                },
            };
            // The library writes a log to stderr unless it is told not to.
            let log_to: unsafe extern "C" fn(*mut c_void) = symbol(&object, "err_set_logfp")?;
            log_to(ptr::null_mut());
            Ok(Self {
                setup,
                init: symbol(&object, "ps_init")?,
                free: symbol(&object, "ps_free")?,
                start_stream: symbol(&object, "ps_start_stream")?,
                start_utterance: symbol(&object, "ps_start_utt")?,
                end_utterance: symbol(&object, "ps_end_utt")?,
                process: symbol(&object, "ps_process_raw")?,
                words: symbol(&object, "ps_seg_iter")?,
                next_word: symbol(&object, "ps_seg_next")?,
                word_text: symbol(&object, "ps_seg_word")?,
                word_frames: symbol(&object, "ps_seg_frames")?,
                word_probability: symbol(&object, "ps_seg_prob")?,
                log_math: symbol(&object, "ps_get_logmath")?,
                exp: symbol(&object, "logmath_exp")?,
                _object: object,
            })
        }
    }

    /// Whether the library is of version 5, whose options differ.
    fn is_five(&self) -> bool {
        matches!(self.setup, Setup::Config { .. })
    }

    /// Options as the library takes them; the caller owns the result.
    fn configure(&self, options: &[(&str, &str)]) -> Result<NonNull<c_void>, FfiError> {
        let text = |text: &str| CString::new(text).map_err(|_| failed("an option holds a zero byte"));
        match &self.setup {
            Setup::Config { new, set, set_flag, .. } => {
                // SAFETY: null asks for the default definitions.
                let config = unsafe { new(ptr::null()) };
                let config = NonNull::new(config).ok_or_else(|| failed("the options were refused"))?;
                for (name, value) in options {
                    let (name, value) = (text(name)?, text(value)?);
                    // SAFETY: `config` is valid; both strings are copied by the callee.
                    let taken = unsafe {
                        match value.as_bytes() {
                            b"no" => set_flag(config.as_ptr(), name.as_ptr(), 0),
                            _ => set(config.as_ptr(), name.as_ptr(), value.as_ptr()),
                        }
                    };
                    if taken.is_null() {
                        self.free_config(config);
                        return Err(failed("the options were refused"));
                    }
                }
                Ok(config)
            }
            Setup::CommandLine { arguments, parse, .. } => {
                let mut words = vec![text("viva")?];
                for (name, value) in options {
                    words.push(text(&format!("-{name}"))?);
                    words.push(text(value)?);
                }
                let mut pointers: Vec<*mut c_char> = words.iter().map(|word| word.as_ptr().cast_mut()).collect();
                let count = c_int::try_from(pointers.len()).map_err(|_| failed("too many options"))?;
                // SAFETY: `pointers` holds `count` strings that end in zero and live through the call; the callee copies what it keeps
                // and does not write to them.
                let config = unsafe { parse(ptr::null_mut(), arguments(), count, pointers.as_mut_ptr(), 1) };
                NonNull::new(config).ok_or_else(|| failed("the options were refused"))
            }
        }
    }

    fn free_config(&self, config: NonNull<c_void>) {
        let (Setup::Config { free, .. } | Setup::CommandLine { free, .. }) = &self.setup;
        // SAFETY: `config` came from `configure` and this is our only reference; a decoder that uses it holds its own.
        unsafe { free(config.as_ptr()) };
    }
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library").field("is_five", &self.is_five()).finish_non_exhaustive()
    }
}

/// # Safety
/// `F` must be the function pointer type of that symbol, and must not outlive `object`.
unsafe fn symbol<F: Copy>(object: &Object, name: &str) -> Result<F, FfiError> {
    // SAFETY: the caller vouches for the type.
    let found = unsafe { object.get::<F>(name) };
    found.map(|symbol| *symbol).map_err(|_| failed(format!("the library has no {name}")))
}

/// One recognizer with its models, about which utterance comes after which it remembers only the mean of the cepstrum.
#[derive(Debug)]
pub(super) struct Decoder {
    library: Arc<Library>,
    decoder: NonNull<c_void>,
    in_utterance: bool,
}

// SAFETY: a decoder has no thread-local state; everything it points to is its own or immutable, and `&mut self` keeps two threads from using it
// at once.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Loads the models, which must exist: the library ends the process when it finds them broken halfway.
    pub(super) fn new(library: &Arc<Library>, models: &ModelPaths<'_>) -> Result<Self, FfiError> {
        let mut options = vec![("hmm", models.acoustic), ("lm", models.language), ("dict", models.dictionary)];
        options.extend(SEARCH);
        if !library.is_five() {
            options.extend(SEARCH_OF_3);
        }
        let config = library.configure(&options)?;
        // SAFETY: `config` is valid; the decoder takes a reference of its own to it.
        let decoder = unsafe { (library.init)(config.as_ptr()) };
        library.free_config(config);
        let decoder = NonNull::new(decoder).ok_or_else(|| failed("the models could not be loaded"))?;
        Ok(Self { library: Arc::clone(library), decoder, in_utterance: false })
    }

    /// Begins an utterance; one that was left open is dropped.
    pub(super) fn start(&mut self) -> Result<(), FfiError> {
        self.end()?;
        // Frames of words are counted from the stream's start: each utterance is a stream of its own, whoever had the decoder before.
        // SAFETY: `decoder` is valid as long as `self`.
        let started = unsafe {
            (self.library.start_stream)(self.decoder.as_ptr()) >= 0
                && (self.library.start_utterance)(self.decoder.as_ptr()) >= 0
        };
        if !started {
            return Err(failed("an utterance could not be started"));
        }
        self.in_utterance = true;
        Ok(())
    }

    /// Takes samples at 16 kHz.
    pub(super) fn process(&mut self, samples: &[i16]) -> Result<(), FfiError> {
        if !self.in_utterance || samples.is_empty() {
            return Ok(());
        }
        // SAFETY: `samples` is readable for its length through the call, and is not kept.
        let frames = unsafe { (self.library.process)(self.decoder.as_ptr(), samples.as_ptr(), samples.len(), 0, 0) };
        if frames < 0 { Err(failed("samples could not be processed")) } else { Ok(()) }
    }

    /// Ends the utterance with the passes that need the whole of it. Its words stay until the next one starts.
    pub(super) fn end(&mut self) -> Result<(), FfiError> {
        if !std::mem::take(&mut self.in_utterance) {
            return Ok(());
        }
        // SAFETY: as in `start`.
        if unsafe { (self.library.end_utterance)(self.decoder.as_ptr()) } < 0 {
            return Err(failed("an utterance could not be ended"));
        }
        Ok(())
    }

    /// The words of the best hypothesis so far, silences and noises included.
    pub(super) fn words(&mut self) -> Vec<RawWord> {
        let mut words = Vec::new();
        let library = &self.library;
        // SAFETY: the iterator is valid until `next_word` has answered null, which also frees it; the text is lent and copied at once; the
        // out-pointers are valid or null, which `ps_seg_prob` allows.
        unsafe {
            let log_math = (library.log_math)(self.decoder.as_ptr());
            let mut segment = (library.words)(self.decoder.as_ptr());
            while !segment.is_null() {
                let (mut first, mut last): (c_int, c_int) = (0, 0);
                (library.word_frames)(segment, &raw mut first, &raw mut last);
                let log = (library.word_probability)(segment, ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
                let text = (library.word_text)(segment);
                if !text.is_null() {
                    words.push(RawWord {
                        text: CStr::from_ptr(text).to_string_lossy().into_owned(),
                        first_frame: u64::try_from(first).unwrap_or(0),
                        last_frame: u64::try_from(last).unwrap_or(0),
                        probability: if log_math.is_null() { 1.0 } else { (library.exp)(log_math, log) },
                    });
                }
                segment = (library.next_word)(segment);
            }
        }
        words
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: this is our only reference, and it is not used again.
        unsafe { (self.library.free)(self.decoder.as_ptr()) };
    }
}

/// Where the models are.
#[derive(Clone, Copy, Debug)]
pub(super) struct ModelPaths<'a> {
    pub(super) acoustic: &'a str,
    pub(super) language: &'a str,
    pub(super) dictionary: &'a str,
}

/// The second pass over the whole utterance wins nothing in accuracy (7.8 % of words wrong with it, 7.7 % without, on the shipped answers in two
/// voices), and would keep a final waiting for half a second.
const SEARCH: [(&str, &str); 1] = [("fwdflat", "no")];
/// Removed silence would shift the words' times; version 5 never removes any.
const SEARCH_OF_3: [(&str, &str); 1] = [("remove_silence", "no")];
