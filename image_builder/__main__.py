"""`python -m image_builder`."""

from image_builder.main import main

if __name__ == "__main__":
    main()
