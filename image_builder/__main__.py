"""`python -m image_builder`."""

import signal

if __name__ == "__main__":
    # Until all is loaded Ctrl-C just ends it: there is nothing to clear away, and no traceback.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from image_builder.main import main

    main()
