# Where the function's code comes from. The build itself is not run here: these only plan it, and what is applied gets
# fixtures/lambda.zip, whose index.mjs does nothing.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

run "builds_the_bundle_when_none_is_handed_in" {
  command = plan

  assert {
    condition     = length(terraform_data.bundle) == 1 && aws_lambda_function.signaling.filename == "./dist/lambda.zip"
    error_message = "The function's code is ${aws_lambda_function.signaling.filename}."
  }
}

# A value that is not known yet fails the run, so this also says that the plan needs nothing built.
run "knows_while_planning_whether_to_redeploy" {
  command = plan

  assert {
    condition     = aws_lambda_function.signaling.source_code_hash == base64sha256(jsonencode(local.source_hashes))
    error_message = "The hash of the sources is to decide."
  }

  assert {
    condition     = terraform_data.bundle[0].triggers_replace.sources_hash == aws_lambda_function.signaling.source_code_hash
    error_message = "What redeploys the function is to rebuild the bundle too."
  }
}

run "redeploys_for_whatever_shapes_the_bundle" {
  command = plan

  assert {
    condition = length(setsubtract(
      setunion(fileset(".", "lambda/**"), ["package.json", "package-lock.json", "tsconfig.json", "scripts/build.mjs"]),
      keys(local.source_hashes),
    )) == 0
    error_message = "Hashed are ${join(", ", keys(local.source_hashes))}."
  }

  assert {
    condition     = alltrue([for file in keys(local.source_hashes) : !startswith(file, "node_modules/") && !startswith(file, "dist/")])
    error_message = "What the build makes or installs is not one of its sources."
  }
}

# On a clone that never built, a function under a new name would have no code to start from.
run "builds_again_for_a_function_under_another_name" {
  command = plan

  variables {
    stage = "dev"
  }

  assert {
    condition     = terraform_data.bundle[0].triggers_replace.function_name == "p2pmesh-signaling-dev"
    error_message = "The build follows ${jsonencode(terraform_data.bundle[0].triggers_replace)}."
  }
}

run "takes_a_ready_made_package" {
  variables {
    lambda_package_path = "test/terraform/fixtures/lambda.zip"
  }

  assert {
    condition = (
      length(terraform_data.bundle) == 0 &&
      aws_lambda_function.signaling.filename == "test/terraform/fixtures/lambda.zip" &&
      aws_lambda_function.signaling.source_code_hash == filebase64sha256("test/terraform/fixtures/lambda.zip")
    )
    error_message = "The package that was handed in is to be the function's code, with nothing built."
  }
}

run "rejects_a_package_that_does_not_exist" {
  command = plan

  variables {
    lambda_package_path = "dist/no-such.zip"
  }

  expect_failures = [aws_lambda_function.signaling]
}

run "rejects_a_folder_as_a_package" {
  command = plan

  variables {
    lambda_package_path = "test/terraform"
  }

  expect_failures = [aws_lambda_function.signaling]
}
