from refundbook.cli import main

main()
