module flinch.invalid/pause

go 1.21
